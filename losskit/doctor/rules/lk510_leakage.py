"""LK510: what is evaluated on was trained on, or the answer is among the inputs."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.data import changed_place
from losskit.doctor.evidence.outcome import adversarial
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import DataFacts
from losskit.recording.recording import Recording

SHARE = 0.1  # of the evaluation rows
CERTAIN = 5.0  # standard errors above what duplicates in the data explain
WHOLE = 0.9  # of the training rows evaluated too: that is a look at the training error, not a leak
ROWS = 30


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    data = recording.data
    if data is None or adversarial(recording):
        return
    if data.copy is not None:
        yield rule.finding(
            f"Input feature {data.copy} is the target in another form: the model need only copy it.",
            place=changed_place(recording, "inputs", "first"),
            confidence=0.9,
            evidence={"feature": data.copy, "features": data.features, "rows": data.rows},
        )
    share = _known_rows(recording, data)
    if share is not None and share >= SHARE:
        whole = data.seen_in_evaluation >= WHOLE
        yield rule.finding(
            f"{share:.0%} of the rows that are evaluated on are rows that are trained on: the score is not one of "
            f"unseen data.",
            place=changed_place(recording, "inputs", "first"),
            confidence=0.9,
            severity="info" if whole else None,
            evidence={
                "share_of_evaluation_rows": share,
                "share_of_training_rows": data.seen_in_evaluation,
                "evaluation_rows": data.evaluation_rows,
                "evaluation_twins": data.evaluation_twins,
            },
        )


def _known_rows(recording: Recording, data: DataFacts) -> float | None:
    """The share of the evaluation rows that are trained on, None when chance explains it.

    Rows that were dealt out at random have a twin in the evaluation data as often as evaluation rows have one there;
    of measurements, where no two are equal, a twin is a copy that was made before the rows were dealt out.
    """
    if min(data.evaluation_rows, data.distinct_rows) < ROWS:
        return None
    expected = max(0.0 if data.measured else data.evaluation_twins, 1 / data.distinct_rows)
    noise = (expected * (1 - expected) / data.distinct_rows) ** 0.5
    if data.seen_in_evaluation - expected <= CERTAIN * noise:
        return None
    samples = max(recording.progress.training_samples or 0, data.distinct_rows)
    return min(data.seen_in_evaluation * samples / data.evaluation_rows, 1.0)


RULE = Rule(
    code="LK510",
    name="leakage",
    severity="warning",
    what="Evaluation rows are training rows, or an input feature contains the target.",
    why="The score then says what the model knows by heart, or what it was told, and nothing about unseen data.",
    fix="Split before anything is copied, resampled or augmented; drop the column that contains the target.",
    thresholds=(
        "At least a tenth of the evaluation rows were trained on, five standard errors above what duplicates within "
        "the evaluation data explain (nothing where several features never take a value twice); or the target follows "
        "exactly from one of several features (an affine copy, or one value per class). Where nearly all training rows "
        "are evaluated it is only mentioned."
    ),
    needs=("DataFacts",),
    false_alarms=0.01,
    check=check,
    explains=("LK501",),
)
