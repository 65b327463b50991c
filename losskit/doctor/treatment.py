"""Remedies, proposed and tried: one after another, each on top of those that have helped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from losskit.doctor.bench import Bench
from losskit.doctor.finding import Finding, Remedy
from losskit.doctor.patch import Patch, original_line, read_source, shown
from losskit.doctor.ranking import diagnose
from losskit.doctor.remedies import remedies
from losskit.recording.facts import Place
from losskit.recording.recording import Recording
from losskit.trials.compare import compare
from losskit.trials.trial import Trial
from losskit.trials.verdict import leaves_something

MOST_CURES = 4  # causes cured, one on top of the other

Say = Callable[[str], None]


@dataclass(frozen=True)
class Case:
    """The script that is examined: its file, and the folder it runs in, from which files are named."""

    script: Path
    folder: Path

    def file(self, finding: Finding) -> Path:
        """The file that the finding's remedies edit; the script when the finding has no place."""
        return self.script if finding.used_at is None else (self.folder / finding.used_at.file).resolve()

    def prescribe(
        self, findings: Iterable[Finding], recording: Recording, version: Patch, note: Say
    ) -> tuple[Finding, ...]:
        """The findings with the remedies there are for this version of the source."""
        return tuple(self._prescribe(finding, recording, version, note) for finding in findings)

    def _prescribe(self, finding: Finding, recording: Recording, version: Patch, note: Say) -> Finding:
        file = self.file(finding)
        name = shown(file, self.folder)
        symptoms = tuple(self._prescribe(symptom, recording, version, note) for symptom in finding.symptoms)
        finding = replace(finding, symptoms=symptoms)
        try:
            return finding.with_remedies(remedies(finding, recording, version.text(file), name))
        except Exception as error:  # of the editing, not of the run: the finding stands without a remedy
            note(f"No remedy for {finding.code}, since {name} could not be edited: {type(error).__name__}: {error}")
            return finding


@dataclass
class Treatment:
    """Tries remedies on a bench until nothing more helps or the budget, in seconds, is over.

    `findings` become those with trials in their remedies, `accepted` the version that came out, `remaining` what is
    found in a run of it. `expected` is how long one run takes.
    """

    case: Case
    bench: Bench
    findings: tuple[Finding, ...]
    seeds: Sequence[int]
    budget: float
    expected: float
    say: Say
    note: Say
    accepted: Patch = field(default_factory=Patch)
    remaining: tuple[Finding, ...] = ()
    cures: int = 0
    final_trial: Trial | None = None

    def run(self) -> None:
        self._deadline = time.monotonic() + self.budget
        self.remaining = self.findings
        for file in {self.case.file(finding) for finding in self.findings if finding.remedies}:
            if not self.bench.holds(file):
                self.note(f"Changes of {file} were not tried: it lies outside of the folders that a trial copies.")
        while self.cures < MOST_CURES and (self._cure_one() or self._cure_together()):
            self.cures += 1
            self.remaining = self._present(self.accepted)
        if self.cures > 1:
            self.final_trial = self._compare(Patch(), self.accepted)

    def _cure_one(self) -> bool:
        """Try the remedies there are, one by one; whether one helped."""
        for finding, remedy in self._remedies(self.remaining):
            self.say(f"trying {remedy.id} for {finding.code}: {remedy.title}")
            version = self.accepted
            trial = self._try(finding, remedy, version)
            if trial.accepted:
                self._improve(finding, remedy, trial, version)
                return True
        return False

    def _improve(self, finding: Finding, helped: Remedy, trial: Trial, version: Patch) -> None:
        """The first remedy that helps may not be the best: try the finding's later ones in its place."""
        later = finding.remedies[[remedy.id for remedy in finding.remedies].index(helped.id) + 1 :]
        for _, remedy in self._remedies([replace(finding, remedies=later, symptoms=())]):
            if not leaves_something(trial.after):
                return
            self.say(f"trying {remedy.id} in place of {helped.id}: {remedy.title}")
            variant = version.changed(self.case.file(finding), remedy.source)
            against = self._compare(self.accepted, variant)
            if against.accepted:
                reason = f"{trial.reason} {remedy.id} is better still."
                self._enter(finding, replace(helped, trial=replace(trial, accepted=False, reason=reason)), version)
                self.accepted, trial = variant, self._compare(version, variant)
                helped = replace(remedy, trial=trial)
                self._enter(finding, helped, version)
            else:
                reason = f"Against {helped.id}: {against.reason}"
                self._enter(finding, replace(remedy, trial=replace(against, reason=reason)), version)

    def _cure_together(self) -> bool:
        """Where no change helps alone, two causes may hide each other: try the first remedies on top of one another."""
        version, present, applied = self.accepted, self.remaining, list[str]()
        while step := next(((f, r) for f, r in self._remedies(present) if r.id not in applied), None):
            finding, remedy = step
            if applied:
                self.say(f"trying {' + '.join(applied)} + {remedy.id}")
                if self._try(finding, remedy, version, f"Together with {', '.join(applied)}: ").accepted:
                    return True
            version = version.changed(self.case.file(finding), remedy.source)
            applied.append(remedy.id)
            present = self._present(version)
            if len(applied) == MOST_CURES:
                break
        return False

    def _try(self, finding: Finding, remedy: Remedy, version: Patch, together: str = "") -> Trial:
        variant = version.changed(self.case.file(finding), remedy.source)
        trial = self._compare(self.accepted, variant)
        trial = replace(trial, reason=together + trial.reason)
        self._enter(finding, replace(remedy, trial=trial), version)
        if trial.accepted:
            self.accepted = variant
        return trial

    def _remedies(self, findings: Iterable[Finding]) -> Iterable[tuple[Finding, Remedy]]:
        """Those that can still be tried, in order: those of the causes, then those of the symptoms under them, for
        a cause may be told wrongly, or have no remedy of its own."""
        causes = tuple(findings)
        for finding in (*causes, *(symptom for cause in causes for symptom in cause.symptoms)):
            for remedy in finding.remedies:
                if time.monotonic() + self.expected > self._deadline:
                    self.note(f"The budget of {self.budget:.0f} s ended before every remedy was tried.")
                    return
                if self.bench.holds(self.case.file(finding)):
                    yield finding, remedy

    def _present(self, version: Patch) -> tuple[Finding, ...]:
        """What is found in the first seed's run of that version; nothing when it did not come to its end."""
        recording = self.bench.finished(version, self.seeds[0])
        if recording is None:
            return ()
        return self.case.prescribe(diagnose(recording, self.note), recording, version, self.note)

    def _compare(self, original: Patch, variant: Patch) -> Trial:
        known = all(self.bench.finished(version, seed) for version in (original, variant) for seed in self.seeds)
        return compare(
            original,
            variant,
            self.bench.run,
            seeds=self.seeds,
            budget=max(self._deadline - time.monotonic(), 0.0),
            expected=0.0 if known else self.expected,
        )

    def _enter(self, finding: Finding, remedy: Remedy, version: Patch) -> None:
        """Put a tried remedy into the findings. One found only after another cure is told when its own cure helped."""
        finding = replace(
            finding, place=self._original(finding.place, version), call=self._original(finding.call, version)
        )
        for index, known in enumerate(self.findings):
            if (known.code, known.place) == (finding.code, finding.place):
                others = [remedy if other.id == remedy.id else other for other in known.remedies]
                told = known.with_remedies(tuple(others if remedy in others else [*others, remedy]))
                self.findings = (*self.findings[:index], told, *self.findings[index + 1 :])
                return
        if remedy.trial is not None and remedy.trial.accepted:
            self.findings = (*self.findings, finding.with_remedies((remedy,)))

    def _original(self, place: Place | None, version: Patch) -> Place | None:
        """The line in the file as the user has it."""
        if place is None:
            return None
        file = (self.case.folder / place.file).resolve()
        return replace(place, line=original_line(read_source(file), version.text(file), place.line))


__all__ = ["Case", "Treatment"]
