"""Sequences and sources: what lies behind an end, what a mask leaves out of a sample, what has no path, errors."""

from __future__ import annotations

import re

import numpy as np
import pytest

import losskit
from losskit.core.errors import DomainError, ShapeError
from tests.conftest import Framework

RNG = np.random.default_rng(13)
N = 3
LENGTHS = np.array([4, 2, 3]), np.array([2, 1, 0])
TARGET = np.array([[1, 2], [2, 1], [1, 1]])


def behind(x: np.ndarray, lengths: np.ndarray, axis: int = 1) -> np.ndarray:
    """Which entries lie behind the ends of an axis."""
    steps = np.arange(x.shape[axis]).reshape([-1 if k == axis else 1 for k in range(x.ndim)])
    return np.broadcast_to(steps >= lengths.reshape(-1, *[1] * (x.ndim - 1)), x.shape)


@pytest.mark.parametrize("loss", [losskit.CTC(), losskit.Transducer()], ids=str)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_lies_behind_the_ends_does_not_matter(loss: losskit.Loss, bad: float, framework: Framework):
    transducer = isinstance(loss, losskit.Transducer)
    prediction = RNG.normal(size=(N, 4, 3, 3) if transducer else (N, 4, 3))
    frames, labels = LENGTHS
    alone = []
    for i in range(N):
        scores, target = prediction[i : i + 1, : frames[i]], TARGET[i : i + 1, : max(labels[i], 1)]
        if transducer:
            scores = scores[:, :, : target.shape[1] + 1]
        alone.append(loss(scores, target if labels[i] else -target))
    padding = behind(prediction, frames)
    if transducer:
        padding = padding | behind(prediction, labels + 1, axis=2)
    spoilt, target = np.where(padding, bad, prediction), np.where(behind(TARGET, labels), 10**6, TARGET)
    given = [framework.array(x) for x in (spoilt, target, frames, labels)]
    np.testing.assert_allclose(framework.numpy(loss(*given, reduction="none")), alone, rtol=1e-12)
    gradient = framework.numpy(loss.value_and_gradient(*given)[1])
    assert np.isfinite(gradient).all()
    assert not gradient[padding].any()


@pytest.mark.parametrize("divergence", [False, True])
def test_series_end_where_their_lengths_say(divergence: bool, framework: Framework):
    loss = losskit.SoftDTW(gamma=0.5, divergence=divergence)
    prediction, target = RNG.normal(size=(N, 4, 2)), RNG.normal(size=(N, 5, 2))
    lengths = np.array([4, 1, 2]), np.array([3, 5, 1])
    alone = [loss(prediction[i : i + 1, : lengths[0][i]], target[i : i + 1, : lengths[1][i]]) for i in range(N)]
    spoilt = [np.where(behind(x, of_x), np.nan, x) for x, of_x in zip((prediction, target), lengths, strict=True)]
    given = [framework.array(x) for x in (*spoilt, *lengths)]
    np.testing.assert_allclose(framework.numpy(loss(*given, reduction="none")), alone, rtol=1e-12)
    assert not framework.numpy(loss.value_and_gradient(*given)[1])[behind(prediction, lengths[0])].any()


def test_equal_series_have_no_divergence_and_the_least_cost_is_the_limit():
    x, y = RNG.normal(size=(2, 2, 5, 3))
    assert not losskit.SoftDTW(divergence=True)(x, x, reduction="none").any()
    steps = np.square(x[:, :, None] - y[:, None]).sum(-1)
    least = np.full((2, 6, 6), np.inf)
    least[:, 0, 0] = 0
    for i in range(5):
        for j in range(5):
            before = least[:, i, j], least[:, i, j + 1], least[:, i + 1, j]
            least[:, i + 1, j + 1] = steps[:, i, j] + np.min(before, axis=0)
    np.testing.assert_allclose(losskit.SoftDTW(gamma=1e-4)(x, y, reduction="none"), least[:, 5, 5], rtol=1e-4)


def test_a_transcript_without_room_has_no_path(framework: Framework):
    """torch: inf, and a gradient of NaN; optax: 1e5."""
    scores = RNG.normal(size=(2, 2, 3))
    given = framework.array(scores), framework.array(np.array([[1, 1], [1, 2]]))
    with pytest.raises(DomainError, match=r"target\[0\]: .* 1 too few; fix: skip_infeasible=True"):
        losskit.CTC()(*given)
    with losskit.checks("shapes"):
        value, gradient = losskit.CTC().value_and_gradient(*given, reduction="sum")
    assert framework.numpy(value) == np.inf
    gradient = framework.numpy(gradient)
    assert not gradient[0].any()
    assert gradient[1].any()
    only = losskit.CTC()(scores[1:], np.array([[1, 2]]))
    terms = losskit.CTC(skip_infeasible=True).terms(*given)
    assert float(framework.numpy(terms.mean())) == pytest.approx(only)
    assert float(framework.numpy(terms.count)) == 1


def test_lengths_may_be_given_for_one_side_only():
    scores, target = RNG.normal(size=(2, 4, 3)), np.array([[1, 2], [2, 2]])
    for given, others in (
        ({"target_lengths": np.array([1, 2])}, {"input_lengths": np.array([4, 4])}),
        ({"input_lengths": np.array([3, 4])}, {"target_lengths": np.array([2, 2])}),
    ):
        both = losskit.CTC()(scores, target, **given, **others, reduction="none")
        np.testing.assert_array_equal(losskit.CTC()(scores, target, **given, reduction="none"), both)


def test_ctc_is_as_torchs():
    torch = pytest.importorskip("torch")
    scores, target = torch.tensor(RNG.normal(size=(N, 7, 4))), torch.tensor([[1, 2, 2], [3, 1, 1], [1, 1, 3]])
    lengths = torch.tensor([7, 5, 6]), torch.tensor([3, 2, 0])
    log_p = scores.log_softmax(-1).transpose(0, 1)
    theirs = torch.nn.functional.ctc_loss(log_p, target, *lengths, reduction="none")
    torch.testing.assert_close(losskit.CTC()(scores, target, *lengths, reduction="none"), theirs)


def test_a_step_of_a_chain_that_is_left_out_is_as_if_not_there(framework: Framework):
    loss = losskit.ConditionalRandomField()
    prediction, transitions = RNG.normal(size=(3, 5, 3)), RNG.normal(size=(3, 3, 3))
    target = RNG.integers(0, 3, (3, 5))
    keep = np.array([[False, True, False, True, True], [True, True, False, False, False], [False] * 5])
    alone = [loss(prediction[i : i + 1, keep[i]], target[i : i + 1, keep[i]], transitions[i : i + 1]) for i in range(2)]
    prediction[~keep], target[~keep] = np.nan, 10**6
    given, mask = [framework.array(x) for x in (prediction, target, transitions)], framework.array(keep)
    np.testing.assert_allclose(framework.numpy(loss(*given, mask=mask, reduction="none")), [*alone, 0], rtol=1e-12)
    value, gradients = loss.value_and_gradient(*given, mask=mask)
    assert float(framework.numpy(value)) == pytest.approx(np.mean(alone))
    of_scores, of_moves = map(framework.numpy, gradients)
    assert np.isfinite(of_scores).all()
    assert not of_scores[~keep].any()
    assert not of_moves[2].any()


def test_a_forbidden_transition_is_never_made_and_a_certain_chain_keeps_its_digits(framework: Framework):
    moves = np.zeros((1, 2, 2))
    moves[0, 0, 1] = -np.inf  # 1 only after 1: of four chains 00, 10 and 11 are left
    given = [framework.array(x) for x in (np.zeros((1, 2, 2)), np.zeros((1, 2), int), moves)]
    value, gradients = losskit.CRF().value_and_gradient(*given)
    assert float(framework.numpy(value)) == pytest.approx(np.log(3))
    assert all(np.isfinite(framework.numpy(gradient)).all() for gradient in gradients)
    # Steps that are left out make no forbidden move.
    padded = np.zeros((1, 4, 2)), np.array([[0, 1, 1, 0]]), moves[:, ::-1, ::-1].copy()
    keep = framework.array(np.array([[False, True, True, False]]))
    value, gradients = losskit.CRF().value_and_gradient(*map(framework.array, padded), mask=keep)
    assert float(framework.numpy(value)) == pytest.approx(np.log(3))
    assert all(np.isfinite(framework.numpy(gradient)).all() for gradient in gradients)
    sure = np.array([[[0.0, -50.0], [0.0, -60.0]]])
    value = losskit.CRF()(framework.array(sure), given[1], framework.array(np.zeros((1, 2, 2))))
    assert float(framework.numpy(value)) == pytest.approx(np.exp(-50.0), rel=1e-4)


def test_points_that_are_left_out_are_in_no_pair(framework: Framework):
    loss = losskit.DeepClustering()
    prediction, target = RNG.normal(size=(2, 5, 3)), np.eye(2)[RNG.integers(0, 2, (2, 5))]
    keep = np.array([[True, False, True, True, False], [False] * 5])
    alone = loss(prediction[:1, keep[0]], target[:1, keep[0]])
    prediction[~keep], target[~keep] = np.nan, np.inf
    value, gradient = loss.value_and_gradient(*map(framework.array, (prediction, target)), mask=framework.array(keep))
    assert float(framework.numpy(value)) == pytest.approx(alone)
    assert not framework.numpy(gradient)[~keep].any()


def test_frames_of_padding_do_not_count_and_spectra_are_as_torchs(framework: Framework):
    torch = pytest.importorskip("torch")
    loss = losskit.MultiResolutionSpectral(windows=(12,), hops=(4,), sizes=(16,))
    prediction, target = RNG.normal(size=(2, 2, 40))

    def magnitudes(x):
        window = torch.hann_window(12, dtype=torch.float64)
        return torch.stft(torch.tensor(x), 16, 4, 12, window, return_complex=True).abs().numpy()

    p, t = magnitudes(prediction), magnitudes(target)
    axes = (1, 2)
    theirs = np.sqrt(np.square(p - t).sum(axes) / np.square(t).sum(axes)) + np.abs(np.log(p) - np.log(t)).mean(axes)
    values = loss(*map(framework.array, (prediction, target)), reduction="none")
    np.testing.assert_allclose(framework.numpy(values), theirs, rtol=1e-9)
    # With silence at the end, as long as it is left out, as much as is.
    padded = []
    for silence in (20, 60):
        longer = [np.pad(x, ((0, 0), (0, silence)), constant_values=np.nan) for x in (prediction, target)]
        mask = framework.array(~np.isnan(longer[0]))
        padded.append(framework.numpy(loss(*map(framework.array, longer), mask=mask, reduction="none")))
    np.testing.assert_allclose(*padded, rtol=1e-12)


def test_a_shift_of_loudness_is_what_the_ratios_say():
    t = RNG.normal(size=(2, 50))
    t = t - t.mean(-1, keepdims=True)
    noise = RNG.normal(size=(2, 50))
    noise -= noise.mean(-1, keepdims=True)
    noise -= (noise * t).sum(-1, keepdims=True) / np.square(t).sum(-1, keepdims=True) * t
    noise *= np.sqrt(np.square(t).sum(-1, keepdims=True) / np.square(noise).sum(-1, keepdims=True)) / 10
    np.testing.assert_allclose(losskit.SNR()(t + noise, t, reduction="none"), -20, rtol=1e-6)
    np.testing.assert_allclose(losskit.SISDR()(7 * (t + noise), t, reduction="none"), -20, rtol=1e-6)
    half = losskit.SDSDR()((t + noise) / 2, t, reduction="none")
    np.testing.assert_allclose(half, 10 * np.log10((1 / 4 + 1 / 400) / (1 / 4)), rtol=1e-6)


def test_a_permutation_of_outputs_changes_nothing(framework: Framework):
    prediction, target = RNG.normal(size=(2, 2, 4, 6))
    for criterion in (losskit.SISDR(), losskit.AbsoluteError(), losskit.SNR(epsilon=1e-3)):
        loss = losskit.PIT(criterion=criterion)
        order = [2, 0, 3, 1]
        values = [
            framework.numpy(loss(framework.array(x), framework.array(target), reduction="none"))
            for x in (prediction, prediction[:, order])
        ]
        np.testing.assert_allclose(*values, rtol=1e-12)
    exact = losskit.PIT(criterion=losskit.SquaredError())(*map(framework.array, (target[:, order], target)))
    assert float(framework.numpy(exact)) == 0


def test_a_common_shift_of_the_risks_changes_no_gradient(framework: Framework):
    scores, risk = RNG.normal(size=(2, 3, 4))
    loss = losskit.MWER()
    shifted = [framework.array(x) for x in (risk, risk - risk.mean(-1, keepdims=True))]
    gradients = [loss.value_and_gradient(framework.array(scores), x)[1] for x in shifted]
    np.testing.assert_allclose(*map(framework.numpy, gradients), atol=1e-12)


SCORES, LABELS, TAGS = np.zeros((2, 4, 3)), np.array([[1, 2], [2, -1]]), np.zeros((2, 4), int)
WRONG = [
    (
        losskit.CTC(),
        (SCORES, np.array([[1, 0], [2, 1]])),
        DomainError,
        "target[0, 1]: expected class indices 0..C-1 but",
    ),
    (losskit.CTC(), (SCORES, np.array([[1, 2], [-1, 1]])), DomainError, "fix: give target_lengths, or pad with -1"),
    (losskit.CTC(), (SCORES, np.array([[1, 3], [1, 1]])), DomainError, "target[0, 1]: "),
    (losskit.CTC(), (SCORES, LABELS * 1.0), DomainError, "target: expected integers, got float64"),
    (
        losskit.CTC(),
        (SCORES, LABELS, np.array([4, 5])),
        DomainError,
        "input_lengths[1]: expected a length of at least 1",
    ),
    (losskit.CTC(), (SCORES, LABELS, np.array([4, 4]), np.array([2, 3])), DomainError, "target_lengths[1]: "),
    (losskit.CTC(), (SCORES, LABELS, np.array([4.0, 4.0])), DomainError, "input_lengths: expected integers"),
    (losskit.CTC(), (SCORES, LABELS, np.array([4])), ShapeError, "input_lengths: expected the shape (2,)"),
    (losskit.CTC(blank=3), (SCORES, LABELS), ShapeError, "blank: expected one of the 3 classes of prediction, got 3"),
    (losskit.Transducer(), (SCORES, LABELS), ShapeError, "prediction: expected (N, T, 3, C)"),
    (losskit.SoftDTW(), (SCORES, np.zeros((2, 4, 2))), ShapeError, "target: expected series of shape (N, U, D)"),
    (losskit.SoftDTW(), (SCORES, SCORES, np.array([4, 0])), DomainError, "prediction_lengths[1]: "),
    (losskit.CRF(), (SCORES, TAGS, np.zeros((3, 3))), ShapeError, "transitions = broadcast_to(transitions, (2, 3, 3))"),
    (
        losskit.CRF(),
        (SCORES[0], TAGS[0], np.zeros((3, 3))),
        ShapeError,
        "prediction: expected scores of shape (N, T, C)",
    ),
    (losskit.PIT(), (np.zeros((2, 4)), np.zeros((2, 4))), ShapeError, "target: expected sources of shape (N, K, …)"),
    (losskit.DeepClustering(), (SCORES, np.zeros((2, 3, 2))), ShapeError, "target: expected memberships of shape"),
    (losskit.STFT(), (np.zeros((2, 1000)), np.zeros((2, 1000))), ShapeError, "expected at least 1025 samples"),
]


@pytest.mark.parametrize(("loss", "inputs", "error", "message"), WRONG, ids=lambda value: str(value)[:40])
def test_wrong_inputs_are_named(loss: losskit.Loss, inputs, error, message: str):
    with pytest.raises(error, match=re.escape(message)):
        loss(*inputs)


def test_a_mask_of_part_of_a_sequence_is_an_error():
    for loss, inputs in ((losskit.CTC(), (SCORES, LABELS)), (losskit.SoftDTW(), (SCORES, SCORES))):
        with pytest.raises(ShapeError, match=r"mask: expected \(2,\), one entry for each sequence, got \(2, 4\)"):
            loss(*inputs, mask=np.ones((2, 4), bool))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: losskit.CTC(blank=-1), "blank: expected a class index >= 0, got -1"),
        (lambda: losskit.CTC(input="probabilities"), "input: expected one of ('logits', 'log_probabilities')"),
        (lambda: losskit.SoftDTW(gamma=0.0), "gamma: expected a finite number > 0, got 0.0"),
        (lambda: losskit.SNR(epsilon=1.0), "epsilon: expected a number between 0 and 1"),
        (lambda: losskit.DirectCurrentError(epsilon=0.0), "epsilon: expected a finite number > 0"),
        (lambda: losskit.STFT(windows=(8,), hops=(2, 2), sizes=(8,)), "windows, hops, sizes: expected as many of each"),
        (
            lambda: losskit.STFT(windows=(9,), hops=(2,), sizes=(8,)),
            "expected 0 < window <= size and hop > 0",
        ),
        (lambda: losskit.STFT(log_magnitude=-1.0), "log_magnitude: expected a finite number >= 0"),
        (lambda: losskit.Unlikelihood(alpha=-1.0), "alpha: expected a finite number >= 0"),
        (lambda: losskit.MinimumRisk(sharpness=0.0), "sharpness: expected a finite number > 0"),
        (
            lambda: losskit.PIT(criterion=losskit.CrossEntropy()),
            "criterion: expected an elementwise or structured",
        ),
        (lambda: losskit.PIT(criterion=losskit.GaussianNegativeLogLikelihood()), "criterion: expected an elementwise"),
    ],
)
def test_a_hyper_parameter_that_cannot_be_is_refused_at_once(make, message: str):
    with pytest.raises(ValueError, match=re.escape(message)):
        make()
