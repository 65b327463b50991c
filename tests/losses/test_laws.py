"""What holds for every loss whatever its formula: reductions, weights, masks, nothing left, order, being a value."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import losskit
from losskit.core.domain import Labels
from losskit.core.errors import EmptyReductionError, ReductionError
from tests.conftest import Framework, load
from tests.losses.test_value import arrays
from tests.oracles import CASES, FIRST, Case
from tests.oracles.draw import generator, ordinary

SINGLE = [case for case in FIRST if case.reduction == "none" and not case.batchwise]
SINGLE_VALUES = [case for case in CASES if case.reduction == "none" and not case.batchwise and not case.structured]
WITH_CLASS_WEIGHTS = [case for case in SINGLE_VALUES if getattr(case.loss, "class_weight", None) is not None]
sizes = st.integers(1, 6)
seeds = st.integers(0, 2**16)


def batch(case: Case, n: int, seed: int = 0) -> dict[str, np.ndarray]:
    return ordinary(case, n, generator(case, f"laws {seed}"))


def close(a, b, scale=0.0) -> None:
    np.testing.assert_allclose(
        np.asarray(a), np.asarray(b), rtol=1e-11, atol=1e-11 * (1 + float(np.max(np.abs(scale))))
    )


@pytest.mark.parametrize("case", FIRST, ids=str)
@settings(max_examples=6, deadline=None)
@given(n=sizes, seed=seeds)
def test_mean_is_the_weighted_mean(case: Case, n: int, seed: int):
    inputs, rng = batch(case, n, seed), np.random.default_rng(seed)
    weight = rng.uniform(0.1, 3, n)
    loss = case.loss
    terms = loss.terms(**inputs, weight=weight)
    close(loss(**inputs, weight=weight), terms.mean())
    if case.reduction == "mean":
        return
    values = loss(**inputs, reduction="none")
    assert values.shape == (n,)
    measure = loss.measure(load("numpy").xp, *inputs.values())
    divisor = weight if measure is None else weight * measure
    close(loss(**inputs, weight=weight, reduction="none"), weight * values, values)
    close(loss(**inputs, weight=weight, reduction="sum"), np.sum(weight * values), values)
    close(loss(**inputs, weight=weight), np.sum(weight * values) / np.sum(divisor), values)


@pytest.mark.parametrize("case", SINGLE + [case for case in FIRST if case.reduction == "mean"], ids=str)
@settings(max_examples=6, deadline=None)
@given(n=st.integers(2, 6), seed=seeds, data=st.data())
def test_terms_of_parts_add_up_to_the_whole(case: Case, n: int, seed: int, data: st.DataObject):
    inputs, cut = batch(case, n, seed), data.draw(st.integers(1, n - 1))
    weight = np.random.default_rng(seed).uniform(0.1, 3, n)
    parts = [{name: array[part] for name, array in inputs.items()} for part in (slice(cut), slice(cut, None))]
    weights = weight[:cut], weight[cut:]
    terms = [case.loss.terms(**part, weight=w) for part, w in zip(parts, weights, strict=True)]
    close((terms[0] + terms[1]).mean(), case.loss(**inputs, weight=weight), 1)
    with pytest.raises(ReductionError, match="same loss"):
        terms[0] + dataclasses.replace(terms[1], loss=None)


@pytest.mark.parametrize("case", SINGLE + [case for case in FIRST if case.reduction == "mean"], ids=str)
@settings(max_examples=6, deadline=None)
@given(repeats=st.lists(st.integers(0, 3), min_size=1, max_size=5).filter(any), seed=seeds)
def test_an_integer_weight_repeats_its_sample(case: Case, repeats: list[int], seed: int):
    inputs = batch(case, len(repeats), seed)
    repeated = {name: np.repeat(array, repeats, axis=0) for name, array in inputs.items()}
    close(case.loss(**inputs, weight=np.asarray(repeats, float)), case.loss(**repeated), 1)


@pytest.mark.parametrize("case", FIRST, ids=str)
@settings(max_examples=6, deadline=None)
@given(kept=st.lists(st.booleans(), min_size=2, max_size=6).filter(any), seed=seeds)
def test_a_mask_leaves_entries_out(case: Case, kept: list[bool], seed: int):
    inputs, mask = batch(case, len(kept), seed), np.asarray(kept)
    some = {name: array[mask] for name, array in inputs.items()}
    close(case.loss(**inputs, mask=mask), case.loss(**some), 1)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("case", FIRST, ids=str)
def test_what_is_masked_reaches_neither_value_nor_gradient(case: Case, framework: Framework, bad: float):
    inputs, mask = batch(case, 4), np.array([True, False, True, True])
    spoilt = {name: array.copy() for name, array in inputs.items()}
    for array in spoilt.values():
        array[1] = bad if array.dtype.kind == "f" else 10**6
    keep = framework.array(mask)
    clean = case.loss.value_and_gradient(**arrays(framework, inputs), mask=keep)
    got = case.loss.value_and_gradient(**arrays(framework, spoilt), mask=keep)
    close(framework.numpy(got[0]), framework.numpy(clean[0]), 1)
    several = len(case.loss.differentiable) > 1
    for mine, other in zip(*((g[1] if several else (g[1],)) for g in (got, clean)), strict=True):
        mine, other = framework.numpy(mine), framework.numpy(other)
        close(mine, other, 1)
        assert not mine[1].any()


@pytest.mark.parametrize("case", FIRST, ids=str)
def test_nothing_left_follows_the_empty_policy(case: Case, framework: Framework):
    inputs = arrays(framework, batch(case, 3))
    nothing = framework.array(np.zeros(3, bool)), framework.array(np.zeros(3))
    for given_ in ({"mask": nothing[0]}, {"weight": nothing[1]}):
        value, gradient = case.loss.value_and_gradient(**inputs, **given_)
        assert float(framework.numpy(value)) == 0
        for part in gradient if len(case.loss.differentiable) > 1 else (gradient,):
            assert not framework.numpy(part).any()
        assert np.isnan(framework.numpy(case.loss(**inputs, **given_, empty="nan")))
        with pytest.raises(EmptyReductionError, match='empty="zero"'):
            case.loss(**inputs, **given_, empty="raise")


@pytest.mark.parametrize("case", FIRST, ids=str)
@settings(max_examples=6, deadline=None)
@given(seed=seeds)
def test_the_order_of_samples_does_not_matter(case: Case, seed: int):
    inputs = batch(case, 5, seed)
    order = np.random.default_rng(seed).permutation(5)
    shuffled = {name: array[order] for name, array in inputs.items()}
    close(case.loss(**inputs), case.loss(**shuffled), 1)
    if case.reduction == "none":
        close(case.loss(**inputs, reduction="none")[order], case.loss(**shuffled, reduction="none"), 1)


@pytest.mark.parametrize("case", WITH_CLASS_WEIGHTS, ids=str)
def test_a_mean_counts_class_weights(case: Case):
    inputs = batch(case, 40)
    values, weights, target = case.loss(**inputs, reduction="none"), case.loss.class_weight, inputs["target"]
    if isinstance(case.domain("target"), Labels) and case.form == "indices":
        counted = np.where(target == case.loss.ignore_index, 0.0, np.asarray(weights)[target])
    elif target.ndim > 1:
        counted = target @ np.asarray(weights)
    else:
        if isinstance(case.loss, losskit.GaussianFocal):  # a key point, or not
            target = (target == 1).astype(float)
        counted = (1 - target) * weights[0] + target * weights[1]
    close(case.loss(**inputs), values.sum() / counted.sum())


@pytest.mark.parametrize("case", SINGLE_VALUES, ids=str)
def test_samples_may_have_two_axes(case: Case):
    """Values and gradients of (N, M, …) are those of (N · M, …)."""
    inputs = batch(case, 10)
    folded = {name: array.reshape(2, 5, *array.shape[1:]) for name, array in inputs.items()}
    close(case.loss(**folded, reduction="none"), case.loss(**inputs, reduction="none").reshape(2, 5))
    pairs = [[case.loss.curvature(**each) for each in (folded, inputs)]]
    if case.loss.differentiable:
        both = [case.loss.value_and_gradient(**each, reduction="sum")[1] for each in (folded, inputs)]
        pairs += zip(*both, strict=True) if isinstance(both[0], tuple) else [both]
    for mine, flat in pairs:
        close(np.reshape(mine, np.shape(flat)), flat, 1)


@pytest.mark.parametrize("case", FIRST, ids=str)
def test_a_reduction_that_a_loss_has_not_is_an_error(case: Case):
    for reduction in ("mean", "sum", "none"):
        if reduction not in case.loss.reductions:
            with pytest.raises(ReductionError, match=case.loss.reductions[0]):
                case.loss(**batch(case, 2), reduction=reduction)
    with pytest.raises(ReductionError, match="'average'"):
        case.loss(**batch(case, 2), reduction="average")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_loss_is_a_value(case: Case):
    loss = case.loss
    names = {**vars(losskit), type(loss).__name__: type(loss), "inf": np.inf}
    for same in (
        pickle.loads(pickle.dumps(loss)),
        copy.deepcopy(loss),
        eval(repr(loss), names),
        losskit.from_config(loss.config()),
        dataclasses.replace(loss),
    ):
        assert same == loss
        assert hash(same) == hash(loss)
        assert repr(same) == repr(loss)
    with pytest.raises(dataclasses.FrozenInstanceError):
        loss.anything = 1
    assert loss != object()
