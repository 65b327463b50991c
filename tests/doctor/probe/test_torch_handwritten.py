"""Losses written by hand are recognised from the operations behind the value that backward is called on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

torch = pytest.importorskip("torch")
F = torch.nn.functional

from losskit.doctor.probe.session import Session  # noqa: E402
from losskit.doctor.probe.torch_handwritten import Term, terms  # noqa: E402
from losskit.doctor.probe.torch_provenance import Provenance  # noqa: E402

N, C = 8, 3


@pytest.fixture
def provenance(tmp_path: Path) -> Iterator[Provenance]:
    mode = Provenance(Session(tmp_path / "out.jsonl", __file__))
    mode.start()
    yield mode
    mode.stop()


def data() -> SimpleNamespace:
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(5, C, generator=generator, requires_grad=True)
    inputs = torch.randn(N, 5, generator=generator)
    scores = inputs @ weight
    y = torch.randint(0, C, (N,), generator=generator)
    yes = (y > 0).float()
    return SimpleNamespace(
        scores=scores, one=scores[:, 0], column=scores[:, :1], weight=weight, y=y, onehot=torch.eye(C)[y], yes=yes,
        sign=2 * yes - 1, t=torch.randn(N, generator=generator), rows=torch.arange(N),
    )  # fmt: skip


Formula = Callable[[SimpleNamespace], "torch.Tensor"]
RECOGNISED: dict[str, tuple[str, str, Formula]] = {
    "square": ("SquaredError", "values", lambda d: ((d.one - d.t) ** 2).mean()),
    "target first": ("SquaredError", "values", lambda d: (d.t - d.one).pow(2).sum() / N),
    "torch.square": ("SquaredError", "values", lambda d: torch.mean(torch.square(d.column.squeeze(1) - d.t))),
    "product": ("SquaredError", "values", lambda d: (lambda e: (e * e).mean())(d.one - d.t)),
    "dot": ("SquaredError", "values", lambda d: (lambda e: 0.5 * (e @ e) / N)(d.one - d.t)),
    "root": ("RootMeanSquaredError", "values", lambda d: torch.sqrt(((d.one - d.t) ** 2).mean())),
    "absolute": ("AbsoluteError", "values", lambda d: (d.one - d.t).abs().mean()),
    "builtin abs": ("AbsoluteError", "values", lambda d: sum(abs(d.one - d.t))),
    "one-hot": ("CrossEntropy", "probabilities", lambda d: -(d.onehot * torch.log(d.scores.softmax(1))).sum(1).mean()),
    "epsilon": ("CrossEntropy", "probabilities", lambda d: -(d.onehot * (d.scores.softmax(1) + 1e-9).log()).mean()),
    "minus inside": ("CrossEntropy", "probabilities", lambda d: (-d.onehot * d.scores.softmax(1).log()).sum() / N),
    "index": ("CrossEntropy", "probabilities", lambda d: -torch.log(d.scores.softmax(1)[d.rows, d.y]).mean()),
    "range": ("CrossEntropy", "probabilities", lambda d: -torch.log(d.scores.softmax(1))[range(N), d.y].mean()),
    "gather": (
        "NegativeLogLikelihood",
        "log_probabilities",
        lambda d: -F.log_softmax(d.scores, dim=1).gather(1, d.y.view(-1, 1)).squeeze().mean(),
    ),
    "log_softmax one-hot": (
        "NegativeLogLikelihood",
        "log_probabilities",
        lambda d: (d.scores.log_softmax(-1) * d.onehot).sum(1).neg().mean(),
    ),
    "logsumexp": ("CrossEntropy", "logits", lambda d: (d.scores.logsumexp(1) - d.scores[d.rows, d.y]).mean()),
    "binary": (
        "BinaryCrossEntropy",
        "probabilities",
        lambda d: (lambda p: -(d.yes * torch.log(p) + (1 - d.yes) * torch.log(1 - p)).mean())(d.one.sigmoid()),
    ),
    "binary, two minuses": (
        "BinaryCrossEntropy",
        "probabilities",
        lambda d: (lambda p: (-d.yes * torch.log(p) - (1 - d.yes) * torch.log(1 - p)).mean())(d.one.sigmoid()),
    ),
    "binary, turned": (
        "BinaryCrossEntropy",
        "probabilities",
        lambda d: (lambda p: -torch.mean((1 - d.yes) * torch.log(1 - p) + d.yes * torch.log(p)))(d.one.sigmoid()),
    ),
    "binary, logits": (
        "BinaryCrossEntropy",
        "logits",
        lambda d: -(d.yes * F.logsigmoid(d.one) + (1 - d.yes) * F.logsigmoid(-d.one)).mean(),
    ),
    "softplus": ("BinaryCrossEntropy", "logits", lambda d: (F.softplus(d.one) - d.one * d.yes).mean()),
    "hinge": ("Hinge", "values", lambda d: torch.clamp(1 - d.sign * d.one, min=0).mean()),
    "hinge, relu": ("Hinge", "values", lambda d: F.relu(1 - d.one * d.sign).sum()),
    "squared hinge": ("SquaredHinge", "values", lambda d: (F.relu(1 - d.one * d.sign) ** 2).mean()),
    "logistic": ("SoftMargin", "values", lambda d: torch.log1p(torch.exp(-d.sign * d.one)).mean()),
    "logistic, softplus": ("SoftMargin", "values", lambda d: F.softplus(-(d.sign * d.one)).mean()),
    "with a penalty": ("SquaredError", "values", lambda d: ((d.one - d.t) ** 2).mean() + 0.1 * d.weight.pow(2).sum()),
    "weighted": ("SquaredError", "values", lambda d: (d.yes * (d.one - d.t) ** 2).mean()),
}


def recognised(provenance: Provenance, formula: Formula) -> list[Term]:
    return terms(provenance.node(formula(data())))


@pytest.mark.parametrize("name", RECOGNISED)
def test_recognised(provenance: Provenance, name: str) -> None:
    loss, expects, formula = RECOGNISED[name]
    (term,) = recognised(provenance, formula)
    assert (term.loss, term.expects, term.negated, term.broadcast) == (loss, expects, False, False)
    assert term.prediction.derived
    assert term.target is not None
    assert not term.target.derived


@pytest.mark.parametrize("name", RECOGNISED)
def test_with_the_wrong_sign(provenance: Provenance, name: str) -> None:
    loss, expects, formula = RECOGNISED[name]
    (term,) = recognised(provenance, lambda d: -formula(d))
    assert (term.loss, term.expects, term.negated) == (loss, expects, True)


SCALES: dict[str, tuple[Formula, float | None]] = {
    "mean": (lambda d: ((d.one - d.t) ** 2).mean(), 1.0),
    "sum": (lambda d: ((d.one - d.t) ** 2).sum(), N),
    "sum over columns": (lambda d: ((d.scores - d.onehot) ** 2).sum(1).mean(), C),
    "dot": (lambda d: (lambda e: e @ e)(d.one - d.t), N),
    "divided": (lambda d: ((d.one - d.t) ** 2).sum() / N, 1.0),
    "divided twice": (lambda d: ((d.one - d.t) ** 2).mean() / N, 1 / N),
    "weighted": (lambda d: 0.1 * (d.one - d.t).abs().mean() + d.weight.pow(2).sum(), 0.1),
    "masked": (lambda d: (d.yes * (d.one - d.t) ** 2).sum() / d.yes.sum(), 1.0),
    "classes": (lambda d: -(d.scores.log_softmax(1) * d.onehot).sum(1).mean(), 1.0),
    "classes, summed": (lambda d: -(d.scores.log_softmax(1) * d.onehot).sum(), N),
    "classes, picked": (lambda d: -d.scores.log_softmax(1)[d.rows, d.y].sum(), N),
    "stacked": (lambda d: torch.stack([((d.one - d.t) ** 2).mean()] * 4).sum(), 1.0),
    "root": (lambda d: ((d.one - d.t) ** 2).mean().sqrt(), None),
    "one entry": (lambda d: ((d.one - d.t) ** 2)[0], None),
}


@pytest.mark.parametrize("name", SCALES)
def test_how_often_the_mean_is_in_the_value(provenance: Provenance, name: str) -> None:
    formula, expected = SCALES[name]
    assert recognised(provenance, formula)[0].scale == (None if expected is None else pytest.approx(expected, rel=1e-6))


def test_weights_of_both_signs_make_it_no_loss(provenance: Provenance) -> None:
    (term,) = recognised(provenance, lambda d: (d.t * d.scores.log_softmax(1)[d.rows, d.y]).mean())
    assert (term.loss, term.scale) == (None, None)


def test_a_minus_counts_where_the_factor_is_not_known(provenance: Provenance) -> None:
    d = data()
    (term,) = terms(provenance.node(-((d.one - d.t) ** 2).sum() / d.scores.exp().sum()))
    assert (term.negated, term.factor) == (True, None)


def test_what_a_loss_is_divided_by(provenance: Provenance) -> None:
    (term,) = recognised(provenance, lambda d: (d.yes * (d.one - d.t) ** 2).sum() / d.yes.sum())
    divisor = None if term.divisor is None else term.divisor.tensor()
    assert divisor is not None
    assert float(divisor) == float(data().yes.sum())


def test_shapes_that_broadcast(provenance: Provenance) -> None:
    (term,) = recognised(provenance, lambda d: ((d.column - d.t) ** 2).mean())
    assert term.broadcast
    assert (term.prediction.shape, term.target and term.target.shape) == ((N, 1), (N,))


def test_the_sum_of_two_losses(provenance: Provenance) -> None:
    found = recognised(provenance, lambda d: ((d.one - d.t) ** 2).mean() + 0.5 * (d.scores[:, 1] - d.t).abs().mean())
    assert [term.loss for term in found] == ["SquaredError", "AbsoluteError"]


@pytest.mark.parametrize(
    "formula",
    [
        lambda d: torch.log(torch.cosh(d.one - d.t)).mean(),
        lambda d: torch.where(d.one > d.t, 0.9 * (d.one - d.t), 0.1 * (d.t - d.one)).mean(),
    ],
)
def test_an_unknown_formula_still_tells_prediction_and_target(provenance: Provenance, formula: Formula) -> None:
    (term,) = recognised(provenance, formula)
    assert term.loss is None
    assert term.prediction.shape == (N,)
    assert term.target is not None
    assert term.target.shape == (N,)


def test_no_target_at_all(provenance: Provenance) -> None:
    (term,) = recognised(provenance, lambda d: -d.one.mean())
    assert (term.loss, term.target) == (None, None)


def test_activations_are_seen_through_reshaping(provenance: Provenance) -> None:
    d = data()
    p = torch.clamp(F.softmax(d.scores.float(), dim=-1), 1e-7, 1).view(N, 1, C).squeeze(1)[:4]
    found = provenance.activations(provenance.node(p))
    assert [(one.name, one.axis) for one in found] == [("clamp", None), ("softmax", -1)]
    assert all(one.place is not None and one.place.file.endswith("test_torch_handwritten.py") for one in found)


def test_arithmetic_ends_the_chain(provenance: Provenance) -> None:
    assert provenance.activations(provenance.node(2 * data().one.tanh())) == ()
    assert [one.name for one in provenance.activations(provenance.node(data().one.tanh() + 1e-8))] == ["tanh"]


def test_nothing_is_kept_alive(provenance: Provenance) -> None:
    node = provenance.node(data().one.sigmoid())
    provenance.clear()
    assert node.reference() is None
