"""The trial of a patch: what it did to the task metric, seed by seed and over the steps."""

from __future__ import annotations

from statistics import median

from losskit.doctor.finding import Diagnosis, Remedy
from losskit.report.html.element import Markup, clip, element, prose
from losskit.report.html.finding import finite
from losskit.report.html.line_chart import Line, line_chart, median_of, smoothed
from losskit.report.html.numbers import count, number
from losskit.report.html.row_chart import Pair, paired_chart
from losskit.report.html.run import metric_name
from losskit.trials.trial import Trial

_SEEDS = 12  # drawn of a trial
_POINTS = 2000  # of all the curves of a trial together


def deciding_trial(diagnosis: Diagnosis) -> Trial | None:
    """The trial of all cures together; else that of an accepted remedy; else of the first one that was tried."""
    if diagnosis.final_trial:
        return diagnosis.final_trial
    tried = [remedy.trial for finding in diagnosis.findings for remedy in finding.remedies if remedy.trial]
    return next((trial for trial in tried if trial.accepted), tried[0] if tried else None)


def accepted(diagnosis: Diagnosis) -> list[Remedy]:
    """The remedies whose own trials were accepted, in the order of the findings."""
    remedies = [remedy for finding in diagnosis.findings for remedy in finding.remedies]
    return [remedy for remedy in remedies if remedy.trial and remedy.trial.accepted]


def result(trial: Trial) -> Markup:
    """Before → after in large figures, the reason, and the paired dots."""
    name = metric_name(trial.metric)
    name = name[:1].upper() + name[1:]
    before, after = finite(trial.before), finite(trial.after)
    seeds = count(len(trial.seeds), "seed")
    figures = [
        element("span", f"{name}, median over {seeds}" if len(trial.seeds) > 1 else name, class_="measure"),
        number(median(before)) if before else "none",
        element("span", " → ", class_="arrow"),
        number(median(after)) if after else "none",
    ]
    verdict = "The patch was tried and helps." if trial.accepted else "A patch was tried and not accepted."
    reason = clip(trial.reason[:1].upper() + trial.reason[1:], 400)
    names = [f"seed {seed}" for seed in trial.seeds]
    pairs = [Pair(*row) for row in zip(names, trial.before, trial.after, strict=True)][:_SEEDS]
    return element(
        "div",
        element(
            "div",
            element("p", figures, class_="result"),
            element("p", element("strong", verdict), " ", prose(reason)),
        ),
        paired_chart("pairs", "Each seed, without and with the patch", pairs, name) if before or after else None,
        class_="proof paired",
    )


def trial_curves(trial: Trial) -> Markup | None:
    """A thin line per seed and the median, without and with the patch."""
    before, after = (
        [smoothed(curve) for curve in curves[:_SEEDS]] for curves in (trial.before_curves, trial.after_curves)
    )
    total = len(before) + len(after)
    if not total:
        return None
    points = min(600, _POINTS // (total + 2))
    seeds = [Line("before", s, 1, faint=True) for s in before] + [Line("after", s, 2, faint=True) for s in after]
    medians = [
        Line("before", median_of(before, "before"), 1, smooth=False),
        Line("after", median_of(after, "after"), 2, smooth=False),
    ]
    name = metric_name(trial.metric)
    values = [value for line in seeds for value in line.signal.values]
    return line_chart(
        "trial",
        f"{name[:1].upper()}{name[1:]} without and with the patch",
        [*seeds, *medians],
        linear=True,
        within=(0.0, 1.0) if all(0 <= value <= 1 for value in finite(values)) else None,
        note="Thick: median over the seeds. Thin: each seed." if len(trial.seeds) > 1 else None,
        points=points,
    )
