"""From a recording to what is told: every rule's findings, causes before symptoms."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from losskit.doctor.evidence.rate import range_test
from losskit.doctor.finding import Finding
from losskit.doctor.rules import rules
from losskit.recording.recording import Recording

SEVERITIES = ("error", "warning", "info")


def diagnose(recording: Recording, note: Callable[[str], None]) -> tuple[Finding, ...]:
    """The findings on a recording, ranked. A rule that fails is named to `note`, and the others are heard.

    Where the script trained another model before, the findings on that training stand among them, once each; the search
    for a rate that is to be used is no training.
    """
    earlier = recording.earlier
    before = diagnose(earlier, note) if earlier is not None and not range_test(earlier) else ()
    found: list[Finding] = []
    for rule in rules().values():
        try:
            found += rule.findings(recording)
        except Exception as error:  # of a rule, not of the run: the diagnosis goes on without it
            note(f"Rule {rule.code} could not be applied: {type(error).__name__}: {error}")
    now = rank(found)
    known = {(finding.code, finding.place) for finding in now}
    return tuple(sorted([*now, *(one for one in before if (one.code, one.place) not in known)], key=_order))


def rank(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """One finding per code and place, symptoms under their cause, the most probable cause first.

    A cause keeps in `explains` the codes that were found and that it accounts for, directly or through another of its
    symptoms; those are not told beside it. A remark (severity info) explains no warning and no error away.
    Order: severity, then confidence, then code, so that 1xx (the loss) comes before 2xx (numbers) and so on.
    """
    found = sorted(_once(findings), key=_order)
    explained = {code for finding in found for code in _symptoms(finding, found)}
    told: list[Finding] = []
    under: set[str] = set()
    # Those that nothing explains come first; where two explain each other, the first in order is the cause.
    for cause in sorted(found, key=lambda finding: finding.code in explained):
        if cause.code not in under:
            symptoms = _symptoms(cause, found) - {other.code for other in told}
            under |= symptoms
            under_it = tuple(finding for finding in found if finding.code in symptoms)
            told.append(replace(cause, explains=tuple(sorted(symptoms)), symptoms=under_it))
    return tuple(sorted(told, key=_order))


def _order(finding: Finding) -> tuple[int, float, str]:
    return SEVERITIES.index(finding.severity), -finding.confidence, finding.code


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """Of several with the same code and place the most confident, the first of equals."""
    best: dict[object, Finding] = {}
    for finding in findings:
        key = finding.code, finding.place
        if key not in best or finding.confidence > best[key].confidence:
            best[key] = finding
    return list(best.values())


def _symptoms(cause: Finding, found: list[Finding]) -> set[str]:
    """Codes found that the cause accounts for, through any number of steps; never its own."""
    reached: set[str] = set()
    queue = [cause]
    while queue:
        one = queue.pop()
        symptoms = [other for other in found if other.code in one.explains and other.code not in {cause.code, *reached}]
        symptoms = [other for other in symptoms if one.severity != "info" or other.severity == "info"]
        reached.update(other.code for other in symptoms)
        queue += symptoms
    return reached


__all__ = ["diagnose", "rank"]
