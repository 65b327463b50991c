"""LK407: batches of so few samples that their noise, not the gradient, moves the weights."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.noise import SMALL_BATCH, USUAL_BATCH, rate_of_larger_batches, samples_per_step, unsettled
from losskit.doctor.evidence.outcome import adversarial, skill, suffering
from losskit.doctor.evidence.place import first_site, optimizer_place
from losskit.doctor.evidence.rate import rate_of, the_optimizer
from losskit.doctor.finding import Finding, Severity
from losskit.doctor.rules import Rule
from losskit.recording.facts import Place
from losskit.recording.recording import Recording

PAIR = 2  # normalised, two values of a unit are +1 and −1, whatever they were, and one is 0
LEARNED = 0.9  # of what chance leaves: a run that got there had what it needed
STEPS = 50  # of a run that was meant to train: fewer are a try-out
REFUSED = "Expected more than 1 value per channel when training"


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    refused = next((e for e in recording.events if e.kind == "exception" and REFUSED in e.message), None)
    if refused is not None:
        yield rule.finding(
            "Batch normalisation was given a batch of one sample, which has no spread, and stopped the script.",
            place=_place(recording) or refused.place,
            confidence=0.95,
            evidence={"batch_size": recording.progress.batch_size, "refused": True},
        )
        return
    optimizer, samples, gained = the_optimizer(recording), samples_per_step(recording), skill(recording)
    if optimizer is None or samples is None or gained is None or samples > SMALL_BATCH or adversarial(recording):
        return
    data = recording.data
    rows = max(recording.progress.training_samples or 0, data.distinct_rows if data is not None else 0)
    if rows < USUAL_BATCH or recording.progress.steps < STEPS:
        return
    severity: Severity
    each = "one sample" if samples == 1 else f"{samples} samples"
    if samples <= PAIR and _normalised(recording):
        harm = suffering(recording)
        severity, confidence = ("error" if harm else "warning" if gained < LEARNED else "info"), 0.9
        left = "0" if samples == 1 else "±1"
        shown = f"batch normalisation makes {left} of whatever they were; "
        shown += harm or f"{gained:.0%} of what can be gained over chance was gained"
    elif rate_of_larger_batches(recording) and gained < LEARNED and (harm := unsettled(recording)):
        severity, confidence = "error", 0.85
        shown = f"at the rate {rate_of(recording):g} of {optimizer.kind} their noise throws the weights about: {harm}"
    else:
        return
    yield rule.finding(
        f"Every step is taken on {each} of {rows}; {shown}.",
        place=_place(recording),
        confidence=confidence,
        severity=severity,
        evidence={"batch_size": recording.progress.batch_size, "samples": samples, "rows": rows, "skill": gained},
    )


def _normalised(recording: Recording) -> bool:
    """Whether a layer normalises each unit over the batch alone."""
    return any("BatchNorm" in layer.kind and len(layer.output_shape) == 2 for layer in recording.layers)


def _place(recording: Recording) -> Place | None:
    """Where batches are made: the loader, else (Keras: among the arguments of fit) where epochs are counted."""
    return first_site(recording, "loader", "epochs", "fit", "forward") or optimizer_place(recording)


RULE = Rule(
    code="LK407",
    name="batch-too-small",
    severity="error",
    what="Each step is taken on one to four samples, and their noise, not the gradient, decides where the weights go.",
    why=(
        "The noise of a step grows with rate / batch size: where it is large the loss stays above the minimum, or is "
        "thrown out of it. Batch normalisation of two samples leaves nothing of them but which is the larger."
    ),
    fix="Use batches of 32 (drop a last batch of one), or lower the learning rate as much as the batch is smaller.",
    thresholds=(
        "At most 4 samples per step while the data has at least 32, at an ordinary rate that is beyond a decade of the "
        "customary one once it is scaled to batches of 32: in proportion for SGD (Goyal et al., arXiv 1706.02677), by "
        "the square root for adaptive optimizers (Malladi et al., arXiv 2205.10287). And the loss ends above that of "
        "equal odds, or the score within three standard errors of chance, or late scores scatter by three standard "
        "errors. Batch normalisation over at most two values: by theory (Wu & He, Group Normalization, 2018), below "
        "90 % of what chance leaves."
    ),
    needs=("Progress.batch_size", "loss", "Metric or LossCall.target"),
    false_alarms=0.01,
    check=check,
    explains=(
        *("LK202", "LK205", "LK206", "LK302", "LK303", "LK304", "LK401", "LK403", "LK404", "LK405", "LK501", "LK503"),
        "LK509",
    ),
    settings=("batch_size",),
)
