"""LK511: the model is given the same inputs, whatever the sample."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.data import changed_place, unrelated
from losskit.doctor.evidence.outcome import adversarial, held_out, skill, suffering
from losskit.doctor.evidence.place import first_site
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import DataFacts, Place
from losskit.recording.recording import Recording

SEEN = 8  # rows or batches
TINY = 1e-3  # deviation of the liveliest feature, absolute or against its mean: curvature a million times below normal


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    data = recording.data
    if data is None or data.several_inputs or adversarial(recording) or max(data.rows, data.batches) < SEEN:
        return
    told = _constant(recording, data)
    trouble = suffering(recording)
    if told is None:
        return
    message, place, confidence = told
    if trouble is None and not (data.repeated_batches and held_out(recording)):
        return  # one batch is fitted on purpose to try a model out, and then nothing is held out
    yield rule.finding(
        f"{message}{f'; {trouble}' if trouble else ''}.",
        place=place,
        confidence=confidence,
        severity=None if trouble else "warning",
        evidence={
            "distinct_rows": data.distinct_rows,
            "rows": data.rows,
            "constant_features": data.constant_features,
            "feature_std_maximum": data.feature_std_maximum,
            "batches": data.batches,
            "repeated_batches": data.repeated_batches,
            "skill": skill(recording),
        },
    )


def _constant(recording: Recording, data: DataFacts) -> tuple[str, Place | None, float] | None:
    """(what is constant, where, how certain)."""
    place = changed_place(recording, "inputs", "floored")
    if data.distinct_rows == 1:
        return f"All inputs are the same: {data.features} features, none of which varies", place, 0.98
    spread, relative = data.feature_std_maximum, data.feature_relative_std_maximum
    if spread is not None and relative is not None and min(spread, relative) < TINY:
        return f"The inputs hardly differ: the standard deviation of a feature is at most {spread:.2g}", place, 0.9
    floored = any(site.detail == "inputs" for site in recording.places("floored"))
    if floored and unrelated(recording):
        return "The inputs are rounded down, and what is left of them has nothing to do with the labels", place, 0.9
    size, samples = recording.progress.batch_size, recording.progress.training_samples
    same = data.batches >= SEEN and data.repeated_batches == data.batches - 1
    if same and size is not None and samples is not None and size < samples:
        given = [site.place for site in recording.places("data") if site.detail == "inputs"]
        keras = recording.framework == "keras"  # whose data sets give whole batches
        place = given[0] if keras and given else first_site(recording, "loader", "fit", "data")
        return f"Every step trains on the same batch: {data.distinct_rows} of {samples} rows", place, 0.9
    return None


RULE = Rule(
    code="LK511",
    name="constant-inputs",
    severity="error",
    what="The inputs do not vary: all rows are equal or nearly so, or each step is given the same batch.",
    why="What does not differ between samples cannot tell them apart; the best prediction is then a constant.",
    fix=(
        "Look at what the model is given: an integer division (// 255), a normalisation done twice, a variable "
        "overwritten or mistaken for another."
    ),
    thresholds=(
        "One distinct input row among eight or more rows or batches; or no feature with a standard deviation above "
        "1e-3, absolute or relative to its mean (a Hessian a million times below that of unit inputs: LeCun et al., "
        "1998); or inputs that a division rounded down, of which what is left is unrelated to the labels (the tests of "
        "LK508); or the same batch at every step of a larger data set; and the run diverges or gains less than half of "
        "what chance leaves."
    ),
    needs=("DataFacts", "loss"),
    false_alarms=0.005,
    check=check,
    explains=("LK301", "LK303", "LK402", "LK404", "LK405", "LK501", "LK502", "LK503", "LK505", "LK508"),
)
