"""The loop of C++ that fuse writes: its functions, every elementwise loss through it, rows of logits."""

from __future__ import annotations

import copy
import ctypes
import os
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import losskit
from tests.conftest import load
from tests.losses.compare import check, check_partials
from tests.losses.test_derivatives import GRADIENT_ULPS
from tests.losses.test_value import arrays, one
from tests.oracles import FIRST, Case
from tests.oracles.truth import batches_of, partials_of, values_of

torch = pytest.importorskip("torch")
from losskit.frameworks.torch import kernel  # noqa: E402
from losskit.frameworks.torch.kernel import compiler  # noqa: E402
from losskit.frameworks.torch.kernel.program import Program, Unsupported, trace  # noqa: E402
from losskit.frameworks.torch.kernel.softmax import Softmax, softmax  # noqa: E402
from losskit.frameworks.torch.kernel.source import FUNCTIONS  # noqa: E402

try:
    compiler.build(FUNCTIONS)
    there_is_one = True
except compiler.NoCompiler:
    there_is_one = False
needs_compiler = pytest.mark.skipif(not there_is_one, reason="no C++ compiler with OpenMP")

ELEMENTWISE = [case for case in FIRST if case.loss.kind == "elementwise"]
WITHOUT = {  # what the loop has no function for, or whose mean is no mean of values
    losskit.PoissonNegativeLogLikelihood,
    losskit.NegativeBinomialNegativeLogLikelihood,
    losskit.ZeroInflatedPoissonNegativeLogLikelihood,
    losskit.BetaNegativeLogLikelihood,
    losskit.AdaptiveWing,
    losskit.Tangent,
    losskit.Andrews,
    losskit.GaussianContinuousRankedProbabilityScore,
    losskit.LogNormalContinuousRankedProbabilityScore,
    losskit.RootMeanSquaredError,
}
FUNCTIONS_OF_ONE = {
    "exponential": (np.exp, -120, 120),
    "exponential_minus_1": (np.expm1, -120, 120),
    "logarithm": (np.log, -1, np.inf),
    "logarithm_of_1_plus": (np.log1p, -2, np.inf),
    "square_root": (np.sqrt, -1, np.inf),
    "absolute": (np.abs, -np.inf, np.inf),
    "sign": (np.sign, -np.inf, np.inf),
}
EXTREMES = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 1e-45, -1e-45, 1e-38, 88.7228, 88.7229, -87.4, -103.9, 3e38]
CROSS_ENTROPIES = [
    losskit.CrossEntropy(),
    losskit.CrossEntropy(label_smoothing=0.1),
    losskit.CrossEntropy(z_loss=0.01),
    losskit.CrossEntropy(class_weight=tuple(0.5 + k for k in range(37))),
    losskit.CrossEntropy(ignore_index=3),
]


def numbers() -> np.ndarray:
    """Every 4,001st float32 there is, more of the size of one, and extremes; a number that fills no vectors."""
    bits = np.arange(0, 2**32, 4001, dtype=np.uint64).astype(np.uint32).view(np.float32)
    near = np.random.default_rng(0).normal(size=200_000) * np.repeat([1e-6, 1e-3, 1.0, 10.0], 50_000)
    return np.concatenate([bits, near.astype(np.float32), np.float32(EXTREMES)])


def run(expression: str, x: np.ndarray) -> np.ndarray:
    library = compiler.build(
        FUNCTIONS + f'extern "C" void run(const float *x, float *y, int64_t n) {{'
        f" for (int64_t i = 0; i + WIDTH <= n; i += WIDTH) {{ Real v = load(x + i); store(y + i, {expression}); }} }}"
    )
    y, whole = np.empty_like(x), len(x) // 16 * 16
    pointers = (ctypes.c_void_p(array.ctypes.data) for array in (x, y))
    library.run(*pointers, ctypes.c_int64(whole))
    return y[:whole]


def assert_within_ulps(actual: np.ndarray, exact: np.ndarray, ulps: float) -> None:
    rounded = exact.astype(np.float32)
    np.testing.assert_array_equal(np.isnan(actual), np.isnan(rounded))
    np.testing.assert_array_equal(actual[np.isinf(rounded)], rounded[np.isinf(rounded)])
    finite = np.isfinite(rounded)
    errors = np.abs(actual[finite] - exact[finite]) / np.spacing(np.abs(rounded[finite]))
    assert errors.max() <= ulps, errors.max()


@pytest.fixture(params=["DEFAULT", "AVX2", "AVX512"])
def instructions(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What an older processor has; this one runs it too."""
    order = ["DEFAULT", "AVX2", "AVX512"]
    here = torch.backends.cpu.get_cpu_capability()
    if here not in order or order.index(request.param) > order.index(here):
        pytest.skip(f"a processor with {here}")
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: request.param)
    return request.param


@needs_compiler
@pytest.mark.parametrize("name", FUNCTIONS_OF_ONE)
def test_functions_are_right_to_two_ulps(name: str, instructions: str) -> None:
    function, low, high = FUNCTIONS_OF_ONE[name]
    x = numbers()
    x = np.concatenate([x[(x >= low) & (x <= high)], np.float32(EXTREMES * 2)])
    y = run(f"{name}(v)", x)
    with np.errstate(all="ignore"):
        assert_within_ulps(y, function(x[: len(y)].astype(np.float64)), 2.0 if function is not np.sign else 0.0)


@needs_compiler
def test_nothing_less_than_nothing_stays_so() -> None:
    """e⁻⁰ − 1 is −0."""
    assert np.signbit(run("exponential_minus_1(v)", np.full(16, -0.0, np.float32))).all()


@needs_compiler
@pytest.mark.parametrize("exponent", [0.5001, 1.7, -0.3, 2.5, -7.25])
def test_powers_are_right_to_an_ulp(exponent: float, instructions: str) -> None:
    x = numbers()
    y = run(f"power(v, constant({exponent}f))", x)
    with np.errstate(all="ignore"):
        assert_within_ulps(y, x[: len(y)].astype(np.float64) ** float(np.float32(exponent)), 1.0)


@needs_compiler
@pytest.mark.parametrize("case", ELEMENTWISE, ids=str)
def test_every_elementwise_loss_is_right_in_the_loop(case: Case) -> None:
    """Its values and partial derivatives against the 50-digit twin, at ordinary points, kinks and extremes."""
    if type(case.loss) in WITHOUT:
        pytest.skip("its formula is not for the loop")
    for inputs, exact, partials in zip(
        batches_of(case, "float32"), values_of(case, "float32"), partials_of(case, "float32"), strict=True
    ):
        given = {name: array.float() for name, array in arrays(load("torch"), inputs).items()}
        names, count = tuple(given), len(exact)
        wrt = tuple(names.index(name) for name in case.loss.differentiable if name in names)
        loop = kernel.one_pass(case.loss, names, wrt)
        assert loop is not None, case
        # Three times over, so that vectors of any length are filled, and one by one.
        _, gradients = loop(tuple(torch.cat([array] * 3) for array in given.values()), 1.0)
        singles = [loop(tuple(one(given, i).values()), 1.0) for i in range(count)]
        check(case, inputs, [value for value, _ in singles], exact, "float32", case.oracle.ulps)
        for k, place in enumerate(wrt):
            gradient = gradients[k].numpy()
            np.testing.assert_array_equal(gradient[count : 2 * count], gradient[:count])
            np.testing.assert_array_equal([g[k].item() for _, g in singles], gradient[:count])
            ulps = GRADIENT_ULPS * case.oracle.ulps
            check_partials(case, inputs, gradient[:count], partials[names[place]], 1, "float32", ulps)


@pytest.mark.parametrize("loss", sorted(WITHOUT, key=str), ids=lambda kind: kind.__name__)
def test_what_the_loop_cannot_say_it_leaves(loss: Any) -> None:
    made = loss()
    names = tuple(name for name in made.inputs if name not in made.optional)
    assert kernel.one_pass(made, names, (names.index(made.differentiable[0]),)) is None


def centred(xp: Any, x: Any) -> Any:
    return x - xp.mean(x)


def shared(xp: Any, x: Any) -> Any:
    return x / xp.shape(x)[0]


def looked_at(xp: Any, x: Any) -> Any:
    return x if float(x[0]) > 0 else -x


def sorted_first(xp: Any, x: Any) -> Any:
    return xp.sort(x)


@pytest.mark.parametrize("what", [centred, shared, looked_at, sorted_first])
def test_formulas_of_more_than_one_element_are_refused(what: Any) -> None:
    class Own(losskit.SquaredError):
        def formula(self, xp: Any, prediction: Any, target: Any) -> Any:
            return (what(xp, prediction) - target) ** 2

    try:
        with pytest.raises(Unsupported):
            trace(Own(), ("prediction", "target"), (0,))
        assert kernel.one_pass(Own(), ("prediction", "target"), (0,)) is None
    finally:
        losskit.catalogue.pop("Own")


@needs_compiler
def test_what_was_changed_in_place_is_read_as_it_is() -> None:
    class Own(losskit.SquaredError):
        def formula(self, xp: Any, prediction: Any, target: Any) -> Any:
            r = prediction - target
            r.masked_fill_(r < 0, 0.5)
            return r * r

    try:
        loop = kernel.one_pass(Own(), ("prediction", "target"), (0,))
        assert loop is not None
        value, (gradient,) = loop((torch.tensor([-1.0, 3.0]), torch.zeros(2)), 1.0)
    finally:
        losskit.catalogue.pop("Own")
    assert value == 9.25
    assert gradient.tolist() == [0.0, 6.0]


def test_branches_share_what_is_the_same() -> None:
    """log σ(z) and log σ(−z) and their derivatives: one exponential, one logarithm."""
    for loss in (losskit.SoftMargin(), losskit.BinaryCrossEntropy()):
        program = trace(loss, ("prediction", "target"), (0,))
        used = [program.operations[place][0] for place in program.needed()]
        assert (used.count("exp"), used.count("log1p")) == (1, 1)


def test_simplified_operations_mean_the_same() -> None:
    program = Program()
    x, y, zero = program.add("input", 0), program.add("input", 1), program.add("constant", 0.0)
    minus, above = program.add("neg", x), program.add("gt", x, zero)
    assert program.add("neg", minus) == x
    assert program.add("abs", minus) == program.add("abs", x)
    assert program.add("gt", minus, zero) == program.add("lt", x, zero)
    assert program.add("where", above, minus, x) == program.add("neg", program.add("abs", x))
    assert program.add("where", above, x, minus) == program.add("abs", x)
    assert program.add("mul", x, y) == program.add("mul", y, x) != program.add("mul", x, x)
    assert program.add("sub", x, y) != program.add("sub", y, x)
    apart = program.add("where", above, x, zero), program.add("where", above, zero, y)
    assert program.add("add", *apart) == program.add("where", above, x, y)
    assert program.add("add", program.add("add", y, apart[0]), apart[1]) == program.add(
        "add", y, program.add("where", above, x, y)
    )
    assert program.add("where", above, program.add("where", above, x, y), zero) == apart[0]
    third = program.add("div", program.add("constant", 1.0), program.add("constant", 3.0))
    assert program.number(third) == np.float32(1) / np.float32(3)


@needs_compiler
def test_the_sum_is_the_same_for_any_number_of_threads() -> None:
    torch.manual_seed(0)
    prediction, target = torch.randn(200_003), torch.randn(200_003)
    fused, threads, found = losskit.torch.fuse(losskit.LogCosh()), torch.get_num_threads(), []
    try:
        for count in (1, 2, 3):
            torch.set_num_threads(count)
            found.append(fused.value_and_gradient(prediction, target))
    finally:
        torch.set_num_threads(threads)
    for value, gradient in found[1:]:
        assert torch.equal(value, found[0][0])
        assert torch.equal(gradient, found[0][1])
    expected, slope = losskit.LogCosh().value_and_gradient(prediction.double(), target.double())
    torch.testing.assert_close(found[0][0].double(), expected, rtol=2e-7, atol=0)
    torch.testing.assert_close(found[0][1].double(), slope, rtol=1e-6, atol=1e-12)


@needs_compiler
@pytest.mark.parametrize("loss", [losskit.Huber(), losskit.CrossEntropy()], ids=str)
def test_the_gradient_may_be_written_over_the_prediction(loss: Any) -> None:
    torch.manual_seed(0)
    prediction = torch.randn(40, 37)
    target = torch.randint(0, 37, (40,)) if loss.kind == "classwise" else torch.randn(40, 37)
    fused = losskit.torch.fuse(loss)
    expected = fused.value_and_gradient(prediction, target)
    for out in (torch.empty_like(prediction), torch.empty(37, 40).T, prediction):
        value, gradient = fused.value_and_gradient(prediction, target, out=out)
        assert gradient.data_ptr() == out.data_ptr()
        torch.testing.assert_close((value, gradient), expected)


def test_a_place_that_does_not_fit_is_refused() -> None:
    fused, x = losskit.torch.fuse(losskit.Huber()), torch.zeros(3)
    for out, got in ((torch.zeros(4), r"got \(4,\)"), (x.double(), "got .*float64")):
        with pytest.raises(ValueError, match=f"out: expected a tensor like the prediction .*{got}"):
            fused.value_and_gradient(x, x, out=out)
    several = losskit.torch.fuse(losskit.GaussianNegativeLogLikelihood())
    with pytest.raises(ValueError, match="GaussianNegativeLogLikelihood has gradients by prediction, log_variance"):
        several.value_and_gradient(x, x, x + 1, out=x)


@needs_compiler
@pytest.mark.parametrize("loss", CROSS_ENTROPIES, ids=lambda loss: str(loss)[:40])
def test_rows_of_logits_are_right(loss: Any, instructions: str, monkeypatch: pytest.MonkeyPatch) -> None:
    softmax = Softmax()
    monkeypatch.setattr(sys.modules["losskit.frameworks.torch.fuse"], "softmax", softmax)
    torch.manual_seed(0)
    logits, target = 3 * torch.randn(50, 37), torch.randint(0, 37, (50,))
    logits[::7, 5] = logits[::7].amax(1)  # ties
    logits[3, 4], logits[5] = -torch.inf, 0.0
    target[3] = 1
    logits[9], target[9] = 0.0, 2
    logits[9, 2] = 18.0  # a sure prediction: its value is 6e-7
    assert softmax.takes(loss, logits, target)
    if loss.label_smoothing:
        logits[3, 4] = 0.0
    fused = losskit.torch.fuse(loss)
    for options in ({}, {"weight": torch.rand(50)}, {"mask": torch.rand(50) > 0.3}):
        wide = {name: array.double() if name == "weight" else array for name, array in options.items()}
        value, gradient = fused.value_and_gradient(logits, target, **options)
        expected, slope = loss.value_and_gradient(logits.double(), target, **wide)
        torch.testing.assert_close(value.double(), expected, rtol=1e-6, atol=0)
        torch.testing.assert_close(gradient.double(), slope, rtol=2e-6, atol=1e-9)
    for surplus in (18.0, 60.0):  # every digit of what is left of 1, in the value and in the gradient
        logits[9, 2] = surplus
        exact = loss.value_and_gradient(logits[9:10].double(), target[9:10])
        for found, right in zip(fused.value_and_gradient(logits[9:10], target[9:10]), exact, strict=True):
            torch.testing.assert_close(found.double(), right, rtol=2e-6, atol=0)


@needs_compiler
def test_nothing_outside_the_logits_is_read() -> None:
    fused, logits = losskit.torch.fuse(losskit.CrossEntropy()), torch.zeros(3, 4)
    with losskit.checks("off"):
        for label in (-1, 4, 2**40):
            with pytest.raises(IndexError, match=rf"target\[1\]: expected a class index in \[0, 4\), got {label}; fix"):
                fused.value_and_gradient(logits, torch.tensor([0, label, 3]))
        assert not softmax.takes(losskit.CrossEntropy(), logits, torch.tensor([0, 1]))


def test_what_the_rows_do_not_compute_they_leave() -> None:
    logits, target = torch.zeros(3, 4), torch.tensor([0, 1, 2])
    weights = (1.0, 2.0, 3.0, 4.0)
    for loss in (losskit.CrossEntropy(softcap=2.0), losskit.CrossEntropy(class_weight=weights, label_smoothing=0.1)):
        assert not softmax.takes(loss, logits, target)
    for changed in ((logits.double(), target), (logits, target.int()), (logits.T.contiguous().T, target)):
        assert not softmax.takes(losskit.CrossEntropy(), *changed)


@needs_compiler
def test_what_is_not_a_number_stays_so_in_rows() -> None:
    loss, target = losskit.CrossEntropy(), torch.tensor([0, 1])
    logits = torch.zeros(2, 40)
    logits[0, 33], logits[1, 2] = torch.nan, torch.inf
    with losskit.checks("shapes"):
        value, gradient = losskit.torch.fuse(loss).value_and_gradient(logits, target)
    assert value.isnan()
    assert gradient[0].isnan().all()


@needs_compiler
def test_transforms_and_other_tensors_do_not_reach_the_loop() -> None:
    fused = losskit.torch.fuse(losskit.Huber())
    x = torch.randn(5, 4)
    assert kernel.takes((x, x))
    assert not kernel.takes((x, x.double()))
    assert not kernel.takes((x, x.T.contiguous().T))
    assert not kernel.takes((x[:0], x[:0]))
    assert not kernel.takes((torch.nn.Parameter(x), x))
    torch.vmap(lambda p: (assert_not_taken(p), fused(p, x[0]))[1])(x)


def assert_not_taken(x: Any) -> None:
    assert not kernel.takes((x, x))


@needs_compiler
def test_what_was_fused_is_copied_pickled_exported_and_autocast() -> None:
    torch.manual_seed(0)
    fused, layer = losskit.torch.fuse(losskit.LogCosh(), reduction="sum"), torch.nn.Linear(3, 3)
    x, target = torch.randn(4, 3), torch.randn(4, 3)
    expected = fused(layer(x), target)
    for twin in (copy.deepcopy(fused), pickle.loads(pickle.dumps(fused))):
        torch.testing.assert_close(twin(layer(x), target), expected)

    class Model(torch.nn.Module):
        def forward(self, x: Any, target: Any) -> Any:
            return fused(x, target)

    exported = torch.export.export(Model(), (x, target)).module()
    torch.testing.assert_close(exported(x, target), losskit.LogCosh()(x, target, reduction="sum"))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        half = layer(x)
        assert half.dtype is torch.bfloat16
        assert not kernel.takes((half, target))


@pytest.mark.parametrize("command", ["no-such-compiler", "false", " "])
def test_without_a_compiler_there_is_no_loop(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("CXX", command)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for found in (compiler._compiler, compiler._folder):
        found.cache_clear()
    try:
        with caplog.at_level("INFO", logger="losskit"):
            assert kernel.one_pass(losskit.Huber(), ("prediction", "target"), (0,)) is None
            assert not Softmax().takes(losskit.CrossEntropy(), torch.zeros(2, 3), torch.tensor([0, 1]))
        assert caplog.text.count("has no loop of its own") == 2
    finally:
        for found in (compiler._compiler, compiler._folder):
            found.cache_clear()


@needs_compiler
def test_a_kernel_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    compiler._folder.cache_clear()
    try:
        compiler.build(FUNCTIONS + 'extern "C" int once() { return 1; }')
        (library,) = (tmp_path / "losskit" / "kernels").iterdir()
        made = os.stat(library).st_mtime_ns
        assert compiler.build(FUNCTIONS + 'extern "C" int once() { return 1; }').once() == 1
        assert os.stat(library).st_mtime_ns == made
        with pytest.raises(compiler.NoCompiler, match="ended with status"):
            compiler.build("this is not C++")
        assert list((tmp_path / "losskit" / "kernels").iterdir()) == [library]

        def full(*_: Any, **__: Any) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "write_text", full)
        with pytest.raises(compiler.NoCompiler, match="No space left"):
            compiler.build("int another() { return 2; }")
        assert list((tmp_path / "losskit" / "kernels").iterdir()) == [library]
    finally:
        compiler._folder.cache_clear()
