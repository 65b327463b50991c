"""What the doctor says: findings, remedies and the diagnosis, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from losskit.recording.facts import Metric, Place
from losskit.recording.recording import Recording
from losskit.trials.trial import Trial

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class Remedy:
    """A change that may cure a finding: the whole new source, and its diff for people."""

    id: str
    title: str
    source: str  # the patched text of the file the finding is in
    diff: str  # unified, against the text it was made from
    trial: Trial | None = None


@dataclass(frozen=True)
class Finding:
    """A rule's verdict: the cause, with evidence, and the place where a person would make the change.

    `message` names what was seen in this run; `evidence` holds the numbers, JSON values only; `settings` are the
    arguments it speaks of; `call` is where they are used, None when they are written there, at `place`;
    `confidence` in (0, 1]; `explains` lists the codes of the symptoms that this cause accounts for, and once findings
    are ranked `symptoms` holds those of them that were found.
    """

    code: str
    name: str
    severity: Severity
    confidence: float
    message: str
    place: Place | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
    explains: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    symptoms: tuple[Finding, ...] = field(default=(), repr=False)
    settings: tuple[str, ...] = ()
    call: Place | None = None

    @property
    def used_at(self) -> Place | None:
        """The line whose call or expression is at fault, wherever its value is written."""
        return self.call or self.place

    def with_remedies(self, remedies: tuple[Remedy, ...]) -> Finding:
        return replace(self, remedies=remedies)


@dataclass(frozen=True)
class Diagnosis:
    """Findings (most probable cause first), remedies and trials of one run."""

    script: str
    framework: str | None
    exit: int  # of the script itself
    metric: Metric | None
    overhead: float | None  # watching's share of the training time after its first steps, 0.02 = 2 %
    findings: tuple[Finding, ...]
    recording: Recording
    patched_source: str | None = None  # the text that was accepted (of several files: the diff); None: nothing was
    patched: str | None = None  # where it was written
    diff: str | None = None  # all that was accepted, as one unified diff against the files as they are
    report: str | None = None
    final_trial: Trial | None = None  # the script as it was against the accepted patch, all cures together
    notes: tuple[str, ...] = ()  # what the doctor could not see or do, in plain words
