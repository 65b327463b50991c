"""What the data itself shows: labels that have nothing to do with inputs, or some that are wrong."""

from __future__ import annotations

import math

from losskit.doctor.evidence.floor import SQUARED
from losskit.doctor.evidence.outcome import the_loss
from losskit.doctor.evidence.place import discarded_place, input_place, target_place
from losskit.doctor.evidence.scale import LOOKUPS
from losskit.recording.facts import Place
from losskit.recording.recording import Recording

UNRELATED = 0.01  # two tests at 1 % each: labels that do not belong pass both in 98 % of all cases
ROWS = 100  # of a sample, of which two may have different labels; with fewer a relation may well not show
WEIGHT = 0.5  # of the squared deviation: outliers that hold so much of it are what it is about
CERTAIN = 4.0  # standard errors between two agreements: 3 in 100 000


def unrelated(recording: Recording, rows: int = ROWS) -> bool:
    """Whether neither the nearest neighbours nor the distances of the inputs say anything about the labels.

    `rows`, of which two may have different labels, are needed; fewer where something else speaks for it too. Indices of
    a lookup have no distances that mean anything, and one of a pair says nothing without the other.
    """
    data = recording.data
    if data is None or data.agreement is None or data.several_inputs or looked_up(recording):
        return False
    if data.rows * (1 - (data.agreement_chance if data.classes else 0.0)) < rows:
        return False  # of rare classes too few rows are in the sample
    return min(data.agreement_probability, data.dependence_probability) > UNRELATED


def related(recording: Recording) -> bool:
    """Whether the nearest neighbours' labels agree: what is to be learned can be learned from the inputs."""
    data = recording.data
    return data is not None and data.agreement is not None and data.agreement_probability <= UNRELATED


def looked_up(recording: Recording) -> bool:
    """Whether the model's inputs are indices."""
    first = min(recording.layers, key=lambda layer: layer.depth, default=None)
    return first is not None and any(word in first.kind for word in LOOKUPS)


def outliers_rule(recording: Recording) -> bool:
    """Whether outliers make up the targets' variance, which R² is measured against, under a loss that bounds them."""
    data, call = recording.data, the_loss(recording)
    return data is not None and call is not None and call.loss not in SQUARED and data.target_outlier_weight >= WEIGHT


def wrong_labels(recording: Recording) -> float | None:
    """The share of training labels that are wrong, told from evaluation labels that are not; None when that is not so.

    Labels drawn anew with probability η·K/(K − 1) are η wrong, and their neighbours' agreement over chance shrinks by
    the square of what is left.
    """
    data = recording.data
    if data is None or not data.classes or data.compared_agreement is None or data.evaluation_agreement is None:
        return None
    if data.several_inputs:
        return None
    training, evaluation = max(data.compared_agreement, 0.0), data.evaluation_agreement
    chance = data.agreement_chance
    noise = math.sqrt((_spread(training, chance) + _spread(evaluation, chance)) / max(data.compared_rows, 1))
    if evaluation <= 0 or evaluation - training <= CERTAIN * noise:
        return None
    return (1 - math.sqrt(training / evaluation)) * (data.classes - 1) / data.classes


def _spread(agreement: float, chance: float) -> float:
    """The variance of one row's agreement over chance: where there is none it agrees by chance, now and then."""
    share = chance + (1 - chance) * agreement
    return max(share * (1 - share), 0.0) / (1 - chance) ** 2 if chance < 1 else 0.0


def changed_place(recording: Recording, role: str, *kinds: str) -> Place | None:
    """The last line that did this to "inputs" or "targets", the first of these kinds that was done; else where they got
    their value. Where they were to be changed, and the result was thrown away, is what a person would mend."""
    if (unkept := discarded_place(recording, role)) is not None:
        return unkept
    told = ([site.place for site in recording.places(kind) if site.detail == role] for kind in kinds)
    done = next((places for places in told if places), [])
    return max(done, key=lambda place: place.line, default=None) or (
        input_place(recording) if role == "inputs" else target_place(recording)
    )
