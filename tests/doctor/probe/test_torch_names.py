"""The names the probe gives torch's losses: where the catalogue has a loss of that name, it is the same loss."""

from __future__ import annotations

from typing import Any

import pytest

import losskit

torch = pytest.importorskip("torch")
from losskit.doctor.probe.torch_losses import KNOWN  # noqa: E402

torch.manual_seed(0)
SCORES, OTHER, LABELS = torch.randn(6, 4), torch.randn(6, 4), torch.tensor([0, 3, 1, 2, 2, 0])
PROBABILITIES, SIGNS = torch.rand(6, 4) * 0.9 + 0.05, torch.sign(torch.randn(6, 4))
THIRD = torch.randn(6, 4)

# What torch's function is given, and the catalogue's loss with the hyper-parameters that these arguments are.
CALLS: list[tuple[str, tuple[Any, ...], dict[str, Any], losskit.Loss]] = [
    (
        "binary_cross_entropy",
        (PROBABILITIES, SIGNS.relu()),
        {},
        losskit.BinaryCrossEntropy(input="probabilities"),
    ),
    ("binary_cross_entropy_with_logits", (SCORES, PROBABILITIES), {}, losskit.BinaryCrossEntropy()),
    ("cosine_embedding_loss", (SCORES, OTHER, SIGNS[:, 0]), {"margin": 0.2}, losskit.CosineEmbedding(margin=0.2)),
    ("cross_entropy", (SCORES, LABELS), {}, losskit.CrossEntropy()),
    ("hinge_embedding_loss", (PROBABILITIES, SIGNS), {"margin": 0.75}, losskit.HingeEmbedding(margin=0.75)),
    ("huber_loss", (SCORES, OTHER), {"delta": 0.5}, losskit.Huber(delta=0.5)),
    (
        "kl_div",
        (SCORES.log_softmax(1), OTHER.softmax(1)),
        {"reduction": "batchmean"},
        losskit.KLDivergence(input="log_probabilities"),
    ),
    ("l1_loss", (SCORES, OTHER), {}, losskit.AbsoluteError()),
    ("margin_ranking_loss", (SCORES, OTHER, SIGNS), {"margin": 0.5}, losskit.MarginRanking(margin=0.5)),
    ("mse_loss", (SCORES, OTHER), {}, losskit.SquaredError()),
    ("multi_margin_loss", (SCORES, LABELS), {}, losskit.WestonWatkins()),
    ("multi_margin_loss", (SCORES, LABELS), {"p": 2, "margin": 0.5}, losskit.WestonWatkins(power=2, margin=0.5)),
    ("smooth_l1_loss", (SCORES, OTHER), {"beta": 0.5}, losskit.SmoothL1(beta=0.5)),
    ("soft_margin_loss", (SCORES, SIGNS), {}, losskit.SoftMargin()),
    ("triplet_margin_loss", (SCORES, OTHER, THIRD), {}, losskit.Triplet()),
    ("triplet_margin_with_distance_loss", (SCORES, OTHER, THIRD), {}, losskit.Triplet()),
]


@pytest.mark.parametrize(("name", "inputs", "options", "loss"), CALLS, ids=[f"{row[0]}-{row[2]}" for row in CALLS])
def test_a_name_of_the_catalogue_is_torch_s_loss(name: str, inputs: Any, options: Any, loss: losskit.Loss) -> None:
    assert KNOWN[name].loss == type(loss).__name__
    expected = getattr(torch.nn.functional, name)(*inputs, **options)
    assert float(loss(*inputs)) == pytest.approx(float(expected), rel=1e-5)


def test_every_name_of_the_catalogue_is_compared() -> None:
    named = {name for name, known in KNOWN.items() if known.loss in losskit.catalogue}
    assert {row[0] for row in CALLS} == named - {"ctc_loss"}  # time comes first in torch; tests/losses compares it
