"""The doctor's rules: a file per code, each with one `RULE`. A rule sees a Recording and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from losskit.doctor.finding import Finding, Severity
from losskit.recording.facts import Place
from losskit.recording.recording import Recording


@dataclass(frozen=True)
class Rule:
    """A hypothesis about a run, and how it is told from data.

    `what`, `why`, `fix` are for people (one to three sentences each); `thresholds` says which numbers decide and where
    they come from; `needs` names the facts and signals without which the rule stays silent;
    `false_alarms` is its budget: the share of healthy runs it may flag; `explains` the codes that are its symptoms;
    `settings` the arguments it speaks of, of the call at a finding's place: where they are written a person would look.
    """

    code: str
    name: str
    severity: Severity
    what: str
    why: str
    fix: str
    thresholds: str
    needs: tuple[str, ...]
    false_alarms: float
    check: Callable[[Rule, Recording], Iterable[Finding]]
    explains: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()

    def findings(self, recording: Recording) -> Iterator[Finding]:
        """What the rule finds, at the lines where the settings that it speaks of are written."""
        for finding in self.check(self, recording):
            written = recording.written(finding.place, *finding.settings)
            yield finding if written == finding.place else replace(finding, place=written, call=finding.place)

    def finding(
        self,
        message: str,
        *,
        place: Place | None,
        confidence: float,
        evidence: dict[str, object],
        severity: Severity | None = None,
        settings: tuple[str, ...] | None = None,
    ) -> Finding:
        return Finding(
            code=self.code,
            name=self.name,
            severity=severity or self.severity,
            confidence=confidence,
            message=message,
            place=place,
            evidence=dict(evidence),
            explains=self.explains,
            settings=self.settings if settings is None else settings,
        )


@cache
def rules() -> dict[str, Rule]:
    """Code → rule, for every file `lkNNN_*.py` in this folder."""
    names = sorted(module.name for module in iter_modules(__path__) if module.name.startswith("lk"))
    found = [import_module(f"{__name__}.{name}").RULE for name in names]
    return {rule.code: rule for rule in found}
