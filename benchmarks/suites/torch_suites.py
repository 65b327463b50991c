"""PyTorch's own test suites, pointed at losskit.compat.torch.

PyTorch's wheel carries the inputs its tests run on: ModuleInfo (modules with an independent reference for each input,
and inputs that must raise) and OpInfo (sample, reference and error inputs of functions). Every input of every loss is
given to PyTorch's loss and to ours. What is checked of each:

    modules   value against the suite's reference; value and gradients against PyTorch's module, after a pickle round
              trip; the error's type and message
    functions value, dtype and gradients against PyTorch's function; gradcheck, forward mode included, and gradgradcheck
              in float64; the error's type and message

Run: python benchmarks/suites/torch_suites.py [NAME…] [--limit N]  (needs expecttest, which PyTorch's suites import)
Names are of modules and functions: CrossEntropyLoss, cross_entropy. --limit takes at most N inputs of each kind and
dtype, drawn once for all. The exit status is 1 where anything fails.
"""

from __future__ import annotations

import argparse
import pickle
import re
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

import torch

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # PyTorch's suites warn of optional packages
    from torch.testing._internal.common_methods_invocations import op_db
    from torch.testing._internal.common_modules import ModuleErrorEnum, module_db
    from torch.testing._internal.common_utils import gradcheck, gradgradcheck  # with the suites' own settings

import losskit.compat.torch as compat

HALF = (torch.float16, torch.bfloat16)
FLOATING = (torch.float64, torch.float32, *HALF)
TOLERANCE = {
    torch.float64: {"rtol": 1e-9, "atol": 1e-12},
    torch.float32: {"rtol": 1e-5, "atol": 2e-6},
    torch.float16: {"rtol": 4e-3, "atol": 4e-3},
    torch.bfloat16: {"rtol": 3e-2, "atol": 3e-2},
}
# Sums of logarithms over 50 frames, of some 150 nats, which float32 rounds at 1e-5: PyTorch's own gradients in float32
# are further from its float64 than losskit's, so that losskit's float32 is compared with that.
RECURSIVE = ("CTCLoss", "ctc_loss")
ROUNDED = {"rtol": 1e-5, "atol": 5e-5}
INTEGERS = "PyTorch computes in integers here; losskit's formulas are of real numbers"
COMPLEX = "losskit's formulas are of real numbers"


@dataclass(frozen=True)
class Outcome:
    """What came of one check of one input. reason: why it was skipped, or how it failed."""

    loss: str
    check: str
    status: str
    reason: str = ""


def modules(names: Sequence[str] = (), limit: int | None = None) -> Iterator[Outcome]:
    """Every check of every input of the loss modules, or of `limit` inputs of each dtype."""
    for info in module_db:
        name = info.module_cls.__name__
        if name.endswith("Loss") and (not names or name in names):
            yield from _module(info, name, limit)


def ops(names: Sequence[str] = (), limit: int | None = None) -> Iterator[Outcome]:
    """Every check of every input of the loss functions, or of `limit` inputs of each kind and dtype."""
    for info in op_db:
        name = info.name.removeprefix("nn.functional.")
        if name in compat.functional.__all__ and (not names or name in names):
            yield from _op(info, name, limit)


def _drawn(cases: Iterable[Any], limit: int | None) -> list[Any]:
    cases = list(cases)
    return cases if limit is None or len(cases) <= limit else Random(0).sample(cases, limit)


# -- modules -----------------------------------------------------------------------------------------------------------


def _module(info: Any, name: str, limit: int | None) -> Iterator[Outcome]:
    for dtype in info.dtypes:
        if dtype not in FLOATING:
            continue
        arguments = {"device": "cpu", "dtype": dtype, "requires_grad": True, "training": True}
        torch.manual_seed(0)
        for case in _drawn(info.module_inputs_func(info, **arguments), limit):
            made = case.constructor_input
            theirs = _quiet(info.module_cls, *made.args, **made.kwargs)
            ours = _quiet(getattr(compat, name), *made.args, **made.kwargs)
            ours.load_state_dict(theirs.state_dict())  # a layer's weights, drawn at random
            given = case.forward_input
            yield _outcome(name, "module: reference", _equals_reference, case, ours, given, dtype)
            yield _outcome(
                name, "module: PyTorch", _agree, theirs, pickle.loads(pickle.dumps(ours)), given, dtype, name
            )
        if info.module_error_inputs_func is not None:
            for case in info.module_error_inputs_func(info, **arguments):
                yield _outcome(name, "module: error", _module_raises, getattr(compat, name), case)


def _equals_reference(case: Any, ours: Any, given: Any, dtype: torch.dtype) -> None:
    args = tuple(_detached(each) for each in given.args)
    kwargs = {name: _detached(each) for name, each in given.kwargs.items()}
    expected, value = (_quiet(each, *args, **kwargs) for each in (partial(case.reference_fn, ours), ours))
    torch.testing.assert_close(value, expected, **TOLERANCE[dtype], equal_nan=True, check_dtype=False)


def _detached(each: Any) -> Any:
    return each.detach() if isinstance(each, torch.Tensor) else each


def _module_raises(module: Any, case: Any) -> None:
    made, given = case.module_error_input.constructor_input, case.module_error_input.forward_input

    def make() -> Any:
        return module(*made.args, **made.kwargs)

    if case.error_on == ModuleErrorEnum.CONSTRUCTION_ERROR:
        _raises(make, case)
    else:
        criterion = make()
        _raises(lambda: criterion(*given.args, **given.kwargs), case)


# -- functions ---------------------------------------------------------------------------------------------------------


def _op(info: Any, name: str, limit: int | None) -> Iterator[Outcome]:
    ours = getattr(compat.functional, name, None)
    checked = partial(info.gradcheck_wrapper, ours)  # the suite's own way to a point that derivatives are right at
    for dtype in sorted(info.supported_dtypes("cpu"), key=str):
        torch.manual_seed(0)
        kinds: dict[str, Callable[..., Any]] = {"sample": info.sample_inputs}
        if dtype == torch.float64:
            kinds["reference"] = info.reference_inputs
        for kind, inputs in kinds.items():
            differentiable = dtype in FLOATING and kind == "sample"
            for case in _drawn(inputs("cpu", dtype, requires_grad=differentiable), limit):
                reason = COMPLEX if dtype.is_complex else "" if dtype in FLOATING else INTEGERS
                if reason:
                    yield Outcome(name, kind, "skip", reason)
                    continue
                given = _Given((case.input, *case.args), case.kwargs)
                yield _outcome(name, f"{kind}: PyTorch", _agree, info.op, ours, given, dtype, name)
                if dtype == torch.float64 and differentiable:
                    yield _outcome(name, "gradcheck", _gradcheck, checked, given)
                    yield _outcome(name, "gradgradcheck", _gradgradcheck, checked, given)
    for case in info.error_inputs("cpu") if info.error_inputs_func is not None else ():
        given = case.sample_input
        call = _call(ours, _Given((given.input, *given.args), given.kwargs))
        yield _outcome(name, "error", _raises, call, case)


@dataclass
class _Given:
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def _call(function: Any, given: Any) -> Callable[[], Any]:
    return lambda: function(*given.args, **given.kwargs)


def _agree(theirs: Any, ours: Any, given: Any, dtype: torch.dtype, name: str) -> None:
    """Dtype, value and gradients are PyTorch's; where roundings differ, as in half precision, those of its float64."""
    value, expected = (_quiet(each, *given.args, **given.kwargs) for each in (ours, theirs))
    assert value.dtype == expected.dtype, f"expected {expected.dtype}, got {value.dtype}"
    leaves = truth = _leaves(given)
    rounded = name in RECURSIVE and dtype == torch.float32
    if dtype in HALF or rounded:
        # Without options of half precision, which float64 is refused with.
        kwargs = {key: _double(each) for key, each in given.kwargs.items() if key != "options"}
        exact = _Given(tuple(map(_double, given.args)), kwargs)
        truth = _leaves(exact)
        if isinstance(theirs, torch.nn.Module):
            theirs = deepcopy(theirs).double()
            if hasattr(theirs, "options"):
                theirs.options = None
        expected = _quiet(theirs, *exact.args, **exact.kwargs)
    tolerance = ROUNDED if rounded else TOLERANCE[dtype]
    close = partial(torch.testing.assert_close, **tolerance, equal_nan=True, check_dtype=False)
    close(value, expected)
    if leaves and expected.requires_grad:
        gradients, references = (
            torch.autograd.grad(each, inputs, torch.ones_like(each), allow_unused=True)
            for each, inputs in ((value, leaves), (expected, truth))
        )
        for gradient, reference in zip(gradients, references, strict=True):
            if reference is None and gradient is None:
                continue
            if bool((reference.isnan() & gradient.isfinite()).any()):
                raise Unjudged("PyTorch's own gradient is NaN here; losskit's is finite")
            close(gradient, reference)


def _double(each: Any) -> Any:
    if not isinstance(each, torch.Tensor) or not each.is_floating_point():
        return each
    return each.detach().double().requires_grad_(each.requires_grad)


def _leaves(given: Any) -> list[torch.Tensor]:
    everything = (*given.args, *given.kwargs.values())
    return [each for each in everything if isinstance(each, torch.Tensor) and each.requires_grad]


def _of_leaves(function: Any, given: Any) -> tuple[Callable[..., Any], tuple[torch.Tensor, ...]]:
    """The function of the tensors that derivatives are taken by, everything else held."""

    def call(*leaves: torch.Tensor) -> Any:
        current = iter(leaves)

        def held(each: Any) -> Any:
            return next(current) if isinstance(each, torch.Tensor) and each.requires_grad else each

        args = tuple(held(each) for each in given.args)
        return _quiet(function, *args, **{name: held(each) for name, each in given.kwargs.items()})

    return call, tuple(_leaves(given))


def _gradcheck(function: Any, given: Any) -> None:
    call, leaves = _of_leaves(function, given)
    assert gradcheck(call, leaves, check_forward_ad=True)


def _gradgradcheck(function: Any, given: Any) -> None:
    call, leaves = _of_leaves(function, given)
    assert gradgradcheck(call, leaves)


def _raises(call: Callable[[], Any], case: Any) -> None:
    try:
        _quiet(call)
    except case.error_type as error:
        message = str(error)
    else:
        raise AssertionError(f"expected {case.error_type.__name__}, nothing was raised")
    assert re.search(case.error_regex, message), f"expected a message like {case.error_regex!r}, got {message!r}"


# -- what came of it ---------------------------------------------------------------------------------------------------


def _quiet(function: Any, *args: Any, **kwargs: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*args, **kwargs)


class Unjudged(Exception):
    """PyTorch gives nothing to compare with, for the reason given."""


def _outcome(loss: str, check: str, run: Callable[..., None], *args: Any) -> Outcome:
    try:
        run(*args)
    except Unjudged as reason:
        return Outcome(loss, check, "skip", str(reason))
    except Exception as error:  # whatever goes wrong is this input's failure, not the suite's
        return Outcome(loss, check, "fail", f"{type(error).__name__}: {str(error).strip()[:300]}")
    return Outcome(loss, check, "pass")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", help="modules and functions to run; all by default")
    parser.add_argument("--limit", type=int, help="inputs of each kind and dtype; all by default")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # of the suites' own code, where they draw their inputs
    outcomes = [*modules(arguments.names, arguments.limit), *ops(arguments.names, arguments.limit)]
    print(f"PyTorch {torch.__version__}\n{'':<36}{'pass':>7}{'skip':>7}{'fail':>7}")
    for loss in dict.fromkeys(outcome.loss for outcome in outcomes):
        count = Counter(outcome.status for outcome in outcomes if outcome.loss == loss)
        print(f"{loss:<36}{count['pass']:>7}{count['skip']:>7}{count['fail']:>7}")
    count = Counter(outcome.status for outcome in outcomes)
    print(f"{'all':<36}{count['pass']:>7}{count['skip']:>7}{count['fail']:>7}\n")
    for check, passed in Counter(outcome.check for outcome in outcomes if outcome.status == "pass").items():
        print(f"{check:<36}{passed:>7}")
    for status in ("skip", "fail"):
        reasons = Counter((each.loss, each.check, each.reason) for each in outcomes if each.status == status)
        for (loss, check, reason), times in reasons.items():
            print(f"{status} {times} × {loss}, {check}: {reason}")
    sys.exit(count["fail"] > 0)


if __name__ == "__main__":
    main()
