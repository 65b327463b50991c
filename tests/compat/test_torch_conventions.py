"""losskit.compat.torch: PyTorch's conventions where its suites do not look, and what fixed=True mends."""

from __future__ import annotations

import copy
import inspect
import math
import warnings

import pytest

import losskit
from losskit.core.errors import DomainError, ShapeError

torch = pytest.importorskip("torch")
F = torch.nn.functional
compat = losskit.compat.torch
functional = compat.functional

close = torch.testing.assert_close
MODULES = [name for name in compat.__all__ if name != "functional"]


@pytest.mark.parametrize("name", functional.__all__)
def test_a_function_has_pytorchs_signature(name: str) -> None:
    ours = dict(inspect.signature(getattr(functional, name)).parameters)
    fixed = ours.pop("fixed")
    assert fixed.kind is inspect.Parameter.KEYWORD_ONLY
    assert fixed.default is False
    theirs = inspect.signature(getattr(F, name)).parameters
    assert [(p.name, p.default, p.kind) for p in ours.values()] == [
        (p.name, p.default, p.kind) for p in theirs.values()
    ]


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_pytorchs_with_our_forward(name: str) -> None:
    sizes = (3, 4) if name == "LinearCrossEntropyLoss" else ()  # it has a layer
    module, theirs = getattr(compat, name)(*sizes, fixed=True), getattr(torch.nn, name)(*sizes)
    assert isinstance(module, type(theirs))
    assert inspect.signature(module.forward).parameters.keys() == inspect.signature(theirs.forward).parameters.keys()
    assert module.state_dict().keys() == theirs.state_dict().keys()
    assert copy.deepcopy(module).fixed
    assert "fixed=True" in repr(module)
    assert "fixed" not in repr(getattr(compat, name)(*sizes))


def test_every_loss_of_pytorch_is_there() -> None:
    assert {name for name in torch.nn.modules.loss.__all__ if name != "NLLLoss2d"} <= set(MODULES)


def test_compat_is_reached_from_the_front_door() -> None:
    assert losskit.compat.torch is compat
    with pytest.raises(AttributeError, match="it has torch, keras, optax, sklearn_loss"):
        _ = losskit.compat.tensorflow


RESIDUALS = ["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"]


@pytest.mark.parametrize("name", RESIDUALS)
def test_broadcasting_warns_as_pytorch_does_and_fixed_refuses(name: str) -> None:
    ours, theirs = getattr(functional, name), getattr(F, name)
    prediction, target = torch.randn(4), torch.randn(4, 1)
    messages = []
    values = []
    for function in (ours, theirs):
        with pytest.warns(UserWarning, match="Using a target size") as caught:
            values.append(function(prediction, target))
        messages.append(str(caught[0].message))
    assert messages[0] == messages[1]
    close(*values)
    with pytest.raises(ShapeError):
        ours(prediction, target, fixed=True)


@pytest.mark.parametrize("flags", [(a, b) for a in (None, True, False) for b in (None, True, False)])
@pytest.mark.parametrize("name", ["mse_loss", "soft_margin_loss", "kl_div"])
def test_legacy_flags(name: str, flags: tuple[bool | None, bool | None]) -> None:
    arguments = {"size_average": flags[0], "reduce": flags[1]}
    data = torch.rand(3, 4), torch.rand(3, 4)
    seen = []
    for function in (getattr(functional, name), getattr(F, name)):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            seen.append((function(*data, **arguments), [str(each.message)[:60] for each in caught]))
    close(seen[0][0], seen[1][0])
    assert seen[0][1] == seen[1][1]


LOGITS = torch.tensor([[2.0, -1.0, 0.5], [0.0, 3.0, 1.0], [-1.0, 0.2, 0.1]], dtype=torch.float64)
LABELS, WEIGHT = torch.tensor([0, 2, 2]), torch.tensor([3.0, 1.0, 0.5], dtype=torch.float64)
ROWS = F.one_hot(LABELS, 3).double()
REAL, UNIT, ONES = LOGITS, ROWS, torch.ones(3, 3, dtype=torch.float64)
HEAVY = torch.tensor([3.0, 1.0, 1.0], dtype=torch.float64).expand(3, 3)

WEIGHTED = {
    "mse_loss": (REAL, UNIT, {"weight": HEAVY}, HEAVY),
    "l1_loss": (REAL, UNIT, {"weight": HEAVY}, HEAVY),
    "huber_loss": (REAL, UNIT, {"weight": HEAVY}, HEAVY),
    "binary_cross_entropy": (torch.sigmoid(REAL), UNIT, {"weight": HEAVY}, HEAVY),
    "binary_cross_entropy_with_logits": (REAL, UNIT, {"weight": HEAVY, "pos_weight": WEIGHT}, None),
    "cross_entropy": (LOGITS, LABELS, {"weight": WEIGHT}, WEIGHT[LABELS]),
    "nll_loss": (LOGITS.log_softmax(-1), LABELS, {"weight": WEIGHT}, WEIGHT[LABELS]),
    "multi_margin_loss": (LOGITS, LABELS, {"weight": WEIGHT}, WEIGHT[LABELS]),
}


@pytest.mark.parametrize("name", WEIGHTED)
def test_a_weighted_mean_divides_as_pytorchs_and_fixed_by_the_weights(name: str) -> None:
    first, target, options, weights = WEIGHTED[name]
    ours = getattr(functional, name)
    close(ours(first, target, **options), getattr(F, name)(first, target, **options))
    if weights is None:
        weights = HEAVY * (UNIT * WEIGHT + 1 - UNIT)
    close(ours(first, target, **options, fixed=True), ours(first, target, **options, reduction="sum") / weights.sum())


def test_cross_entropy_divides_alike_for_labels_and_rows_when_fixed() -> None:
    by_label, by_row = (functional.cross_entropy(LOGITS, each, WEIGHT) for each in (LABELS, ROWS))
    close(by_row, F.cross_entropy(LOGITS, ROWS, WEIGHT))
    assert not torch.isclose(by_label, by_row)
    close(
        functional.cross_entropy(LOGITS, LABELS, WEIGHT, label_smoothing=0.1, fixed=True),
        functional.cross_entropy(LOGITS, ROWS, WEIGHT, label_smoothing=0.1, fixed=True),
    )


def test_a_batch_of_ignored_labels() -> None:
    ignored = torch.full((3,), -100)
    assert functional.cross_entropy(LOGITS, ignored).isnan()
    logits = LOGITS.clone().requires_grad_()
    value = functional.cross_entropy(logits, ignored, fixed=True)
    value.backward()
    assert value == 0
    assert (logits.grad == 0).all()


def test_labels_out_of_range() -> None:
    for function in (functional.cross_entropy, functional.nll_loss):
        with pytest.raises(IndexError, match="Target 7 is out of bounds"):
            function(LOGITS, torch.tensor([0, 7, 1]))
        with pytest.raises(IndexError, match="Target -1"):
            function(LOGITS, torch.tensor([0, -1, 1]))
    with pytest.raises(RuntimeError, match="out of range"):
        functional.multi_margin_loss(LOGITS, torch.tensor([0, 7, 1]))


def test_gradients_by_targets_of_exactly_0_and_1_are_pytorchs() -> None:
    target = ROWS.clone().requires_grad_()
    for name in ("cross_entropy", "binary_cross_entropy_with_logits"):
        ours, theirs = (torch.autograd.grad(getattr(f, name)(LOGITS, target), target)[0] for f in (functional, F))
        close(ours, theirs)


def test_logarithms_of_probabilities_are_clamped_as_pytorchs_and_not_when_fixed() -> None:
    p = torch.tensor([0.0, 1e-13, 1.0, 0.3, 1e-9], requires_grad=True)
    target = torch.tensor([1.0, 1.0, 0.0, 0.5, 0.0])
    for reduction in ("none", "sum"):
        ours, theirs = (f.binary_cross_entropy(p, target, reduction=reduction) for f in (functional, F))
        close(ours, theirs)
    close(torch.autograd.grad(ours, p), torch.autograd.grad(theirs, p))
    certain = torch.ones(1, requires_grad=True)  # and right: PyTorch has gradient 0, at this point alone
    assert torch.autograd.grad(functional.binary_cross_entropy(certain, torch.ones(1)), certain)[0] == -1
    exact = functional.binary_cross_entropy(p, target, reduction="none", fixed=True)
    assert exact[0] == exact[2] == math.inf


def test_variances_are_raised_to_eps_and_refused_when_fixed() -> None:
    var = torch.tensor([0.0, 1.0, 2.0], requires_grad=True)
    x, y = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.5, 1.0, 0.0])
    ours, theirs = (f.gaussian_nll_loss(x, y, var, eps=1e-2, full=True) for f in (functional, F))
    close(ours, theirs)
    close(torch.autograd.grad(ours, var), torch.autograd.grad(theirs, var))
    with pytest.raises(DomainError, match=r"var\[0\]"):
        functional.gaussian_nll_loss(x, y, var, fixed=True)
    positive = var.detach() + 1
    expected = losskit.GaussianNegativeLogLikelihood()(x, y, positive.log())
    close(functional.gaussian_nll_loss(x, y, positive, full=True, fixed=True), expected)
    close(functional.gaussian_nll_loss(x, y, 2.0), F.gaussian_nll_loss(x, y, 2.0))


def test_counts_have_the_exact_factorial_when_fixed() -> None:
    z, counts = torch.tensor([0.5, 1.0]), torch.tensor([2.0, 3.0])
    by_stirling, exact = (functional.poisson_nll_loss(z, counts, full=True, fixed=fixed) for fixed in (False, True))
    close(by_stirling, F.poisson_nll_loss(z, counts, full=True))
    close(exact, losskit.PoissonNegativeLogLikelihood()(z, counts))
    assert abs(exact - by_stirling) > 0.03
    close(functional.poisson_nll_loss(z, counts, fixed=True), F.poisson_nll_loss(z, counts))
    with pytest.raises(DomainError, match="target"):
        functional.poisson_nll_loss(z, counts + 0.5, fixed=True)


def test_divergences_are_means_over_rows_when_fixed() -> None:
    log_p, t = LOGITS.log_softmax(-1), torch.softmax(LOGITS.flip(0), -1)
    with pytest.warns(UserWarning, match="divides the total loss by both"):
        mean = functional.kl_div(log_p, t)
    fixed = functional.kl_div(log_p, t, fixed=True)
    close(fixed, functional.kl_div(log_p, t, reduction="batchmean"))
    close(fixed, 3 * mean)
    close(functional.kl_div(log_p, t.log(), log_target=True, fixed=True), fixed)
    with pytest.raises(DomainError):
        functional.kl_div(t, t, fixed=True)


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("soft_margin_loss", (torch.randn(2),)),
        ("hinge_embedding_loss", (torch.rand(2),)),
        ("margin_ranking_loss", (torch.randn(2), torch.randn(2))),
        ("cosine_embedding_loss", (torch.randn(2, 3), torch.randn(2, 3))),
    ],
)
def test_labels_0_and_1_are_refused_as_signs_when_fixed(name: str, inputs: tuple) -> None:
    function = getattr(functional, name)
    labels = torch.tensor([0.0, 1.0])
    close(function(*inputs, labels), getattr(F, name)(*inputs, labels))
    with pytest.raises(DomainError, match=r"target\[0\]: expected -1 or \+1"):
        function(*inputs, labels, fixed=True)
    signs = 2 * labels - 1
    close(function(*inputs, signs, fixed=True), function(*inputs, signs))


def test_what_overflows_in_pytorch_does_not_here() -> None:
    z = torch.tensor([-100.0], requires_grad=True)
    value = functional.soft_margin_loss(z, torch.ones(1))
    assert value == 100
    assert torch.autograd.grad(value, z)[0] == -1
    scores = torch.full((100_000,), 300.0, dtype=torch.float16)
    assert functional.mse_loss(scores, 0 * scores).dtype == torch.float16
    close(functional.mse_loss(scores, 0 * scores, fixed=True), torch.tensor(90_000.0))
    zero = torch.zeros(1, 3, requires_grad=True)
    distance = functional.cosine_embedding_loss(zero, torch.ones(1, 3), torch.ones(1))
    assert distance == 1
    assert (torch.autograd.grad(distance, zero)[0] == 0).all()


@pytest.mark.parametrize("p", [1, 1.5, 2, 3, math.inf])
@pytest.mark.parametrize("swap", [False, True])
def test_triplets(p: float, swap: bool) -> None:
    a, b, c = (torch.randn(4, 5, dtype=torch.float64, requires_grad=True) for _ in range(3))
    values = [f.triplet_margin_loss(a, b, c, p=p, swap=swap) for f in (functional, F)]
    close(*values)
    close(*(torch.autograd.grad(value, (a, b, c)) for value in values))
    if p == 2 and not swap:
        close(functional.triplet_margin_loss(a, b, c, fixed=True), losskit.Triplet()(a, b, c))
    same = functional.triplet_margin_loss(a, a, a, p=p, fixed=True)
    assert same == 1
    assert all((each == 0).all() for each in torch.autograd.grad(same, a))
    with pytest.raises(ShapeError):
        functional.triplet_margin_loss(a, b[:1], c, p=p, fixed=True)


def test_multilabel_margin_lists_end_at_minus_one() -> None:
    scores = torch.randn(4, 5, dtype=torch.float64)
    lists = torch.tensor([[3, 0, -1, 1, 2], [3, 3, -1, -1, -1], [-1, 3, 3, 3, 3], [0, 1, 2, 3, 4]])
    close(*(f.multilabel_margin_loss(scores, lists, reduction="none") for f in (functional, F)))


def test_weights_of_labels_of_a_set_divide_when_fixed() -> None:
    weight = torch.tensor([3.0, 1.0, 0.0], dtype=torch.float64)
    close(*(f.multilabel_soft_margin_loss(REAL, UNIT, weight) for f in (functional, F)))
    whole = functional.multilabel_soft_margin_loss(REAL, UNIT, weight, fixed=True)
    close(whole, losskit.BinaryCrossEntropy()(REAL, UNIT, weight=weight.expand(3, 3)))


# Frames first; of the first transcript a blank must stand between the equal labels, and one frame is left.
LOG_P = torch.randn(6, 3, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).log_softmax(-1)
TRANSCRIPTS, FRAMES, LENGTHS = torch.tensor([[1, 1, 2], [3, 2, 9], [1, -5, 7]]), (5, 6, 3), (3, 2, 0)
LISTED = torch.tensor([1, 1, 2, 3, 2])


def transcribed(room, log_p, *given, **options):
    """The value, and the gradient by log_probs themselves."""
    leaf = log_p.clone().requires_grad_()
    value = room.ctc_loss(leaf, *given, **options)
    return value, torch.autograd.grad(value.sum(), leaf)[0]


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("zero_infinity", [False, True])
@pytest.mark.parametrize("blank", [0, 3])
@pytest.mark.parametrize("targets", [TRANSCRIPTS, LISTED, TRANSCRIPTS.int(), LISTED.float()], ids=str)
def test_transcripts_padded_or_listed(targets, blank: int, zero_infinity: bool, reduction: str) -> None:
    options = {"blank": blank, "reduction": reduction, "zero_infinity": zero_infinity}
    for lengths in ((FRAMES, LENGTHS), (torch.tensor(FRAMES), torch.tensor(LENGTHS).int())):
        for log_p in (LOG_P, 2 * LOG_P):  # of which the latter are no logarithms of probabilities
            close(*(transcribed(room, log_p, targets, *lengths, **options) for room in (functional, F)))


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_one_transcript_without_a_batch(reduction: str) -> None:
    for lengths in ((torch.tensor(6), torch.tensor(3)), ((6,), (3,))):
        for targets in (TRANSCRIPTS[0], TRANSCRIPTS[:1]):
            given = (LOG_P[:, 0], targets, *lengths)
            close(*(transcribed(room, *given, reduction=reduction) for room in (functional, F)))
    alone = functional.ctc_loss(LOG_P[:, 0], TRANSCRIPTS[0], (6,), (3,), reduction="none", fixed=True)
    assert alone.shape == ()


def test_a_transcript_without_a_path() -> None:
    given = TRANSCRIPTS, (3, 6, 3), LENGTHS  # three labels and a blank in three frames
    for reduction in ("none", "mean", "sum"):
        ours, theirs = (transcribed(room, LOG_P, *given, reduction=reduction) for room in (functional, F))
        close(ours[0], theirs[0])
        assert theirs[1][:, 0].isnan().any()
        assert (ours[1][:, 0] == 0).all()
        close(ours[1][:, 1:], theirs[1][:, 1:])
        close(*(transcribed(room, LOG_P, *given, reduction=reduction, zero_infinity=True) for room in (functional, F)))
    with pytest.raises(DomainError, match=r"target\[0\]: expected a transcript that its frames have room for"):
        functional.ctc_loss(LOG_P, *given, fixed=True)
    left = losskit.CTC(input="log_probabilities", skip_infeasible=True)
    rows = torch.tensor([[1, 1, 2], [3, 2, -1], [1, -1, -1]])
    expected = left(LOG_P.movedim(0, 1), rows, *map(torch.tensor, given[1:]))
    for targets in (rows, LISTED):
        close(functional.ctc_loss(LOG_P, targets, *given[1:], zero_infinity=True, fixed=True), expected)


def test_the_gradient_by_log_probabilities_is_their_own_when_fixed() -> None:
    given = TRANSCRIPTS, FRAMES, LENGTHS
    ours, fixed = (transcribed(functional, LOG_P, *given, reduction="sum", fixed=fixed) for fixed in (False, True))
    close(ours[0], fixed[0])
    counted = torch.arange(6)[:, None, None] < torch.tensor(FRAMES)[:, None]
    close(ours[1], fixed[1] + torch.where(counted, LOG_P.exp(), 0.0))
    for options in ({}, {"fixed": True}):
        assert torch.autograd.gradgradcheck(
            lambda z, options=options: functional.ctc_loss(z.log_softmax(-1), *given, reduction="sum", **options),
            LOG_P.clone().requires_grad_(),
        )
    mean = functional.ctc_loss(LOG_P, *given, fixed=True)
    close(mean, functional.ctc_loss(LOG_P, *given, reduction="sum") / 3)


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ((LOG_P, TRANSCRIPTS, FRAMES, (3, 2, -1)), {}),
        ((LOG_P, TRANSCRIPTS, FRAMES, (4, 2, 0)), {}),
        ((LOG_P, TRANSCRIPTS, (7, 6, 3), LENGTHS), {}),
        ((LOG_P, TRANSCRIPTS, (6, 6), LENGTHS), {}),
        ((LOG_P, TRANSCRIPTS, FRAMES, (3, 2)), {}),
        ((LOG_P, TRANSCRIPTS, torch.tensor(FRAMES) * 1.0, torch.tensor(LENGTHS)), {}),
        ((LOG_P, TRANSCRIPTS[:2], FRAMES, LENGTHS), {}),
        ((LOG_P, LISTED[:4], FRAMES, LENGTHS), {}),
        ((LOG_P, TRANSCRIPTS[None], FRAMES, LENGTHS), {}),
        ((LOG_P, TRANSCRIPTS, FRAMES, LENGTHS), {"blank": 4}),
        ((LOG_P, TRANSCRIPTS, FRAMES, LENGTHS), {"blank": -1}),
        ((LOG_P[0, 0], TRANSCRIPTS, FRAMES, LENGTHS), {}),
        ((LOG_P[:0], TRANSCRIPTS, (0, 0, 0), LENGTHS), {}),
        ((LOG_P, TRANSCRIPTS, FRAMES, LENGTHS), {"reduction": "median"}),
    ],
)
def test_what_is_no_transcript_raises_as_pytorch_does(given: tuple, options: dict) -> None:
    with pytest.raises((RuntimeError, ValueError)) as theirs:
        F.ctc_loss(*given, **options)
    with pytest.raises(theirs.type):
        functional.ctc_loss(*given, **options)


def test_labels_that_pytorch_would_read_beside_the_frames() -> None:
    for label in (4, -1):
        with pytest.raises(IndexError, match=f"Target {label} is out of bounds"):
            functional.ctc_loss(LOG_P, torch.tensor([[1, label, 2]] * 3), FRAMES, (3, 2, 1))
    with pytest.raises(DomainError):
        functional.ctc_loss(LOG_P, TRANSCRIPTS, FRAMES, LENGTHS, blank=3, fixed=True)
    with pytest.raises(DomainError):
        functional.ctc_loss(2 * LOG_P, TRANSCRIPTS, FRAMES, LENGTHS, fixed=True)


@pytest.mark.parametrize("name", ["mse_loss", "soft_margin_loss", "hinge_embedding_loss", "margin_ranking_loss"])
def test_a_mean_of_nothing_is_nan_as_pytorchs_and_0_when_fixed(name: str) -> None:
    nothing = (torch.zeros(0),) * (3 if name == "margin_ranking_loss" else 2)
    assert getattr(functional, name)(*nothing).isnan()
    assert getattr(functional, name)(*nothing, fixed=True) == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["CrossEntropyLoss", "BCEWithLogitsLoss", "SmoothL1Loss"])
def test_compiled_in_one_graph(name: str) -> None:
    criterion = getattr(compat, name)()
    target = LABELS if name == "CrossEntropyLoss" else UNIT
    compiled = torch.compile(criterion, fullgraph=True, backend="aot_eager")
    close(compiled(LOGITS, target), criterion(LOGITS, target))


def test_per_sample_gradients() -> None:
    def loss(z, label):
        return functional.cross_entropy(z, label)

    each = torch.func.vmap(torch.func.grad(loss))(LOGITS, LABELS)
    together = torch.func.grad(lambda z: functional.cross_entropy(z, LABELS, reduction="sum"))(LOGITS)
    close(each, together)
