"""What the rules looked at, and what they could not: silence is good news only where something was measured."""

from __future__ import annotations

from collections.abc import Sequence

from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule, rules
from losskit.recording.recording import Recording
from losskit.report.html.element import Markup, element, prose
from losskit.report.html.figure import table


def checks(found: Sequence[Finding], recording: Recording) -> Markup:
    """Every rule, what it looks for, and what came of it."""
    codes = {code for finding in found for code in (finding.code, *finding.explains)}
    rows = [
        [[element("code", rule.code), " ", rule.name], prose(rule.what), _outcome(rule, codes, recording)]
        for rule in rules().values()
    ]
    return table(["rule", "looks for", "outcome"], rows, caption="Rules that were run", class_="checks")


def ready(recording: Recording) -> list[Rule]:
    """The rules that found what they need in the recording."""
    return [rule for rule in rules().values() if all(_measured(need, recording) for need in rule.needs)]


def _outcome(rule: Rule, codes: set[str], recording: Recording) -> Markup:
    if rule.code in codes:
        return element("span", "found", class_="severity warning")
    if rule in ready(recording):
        return element("span", "looks fine", class_="severity fine")
    return element("span", "not measured", class_="muted")


def _measured(need: str, recording: Recording) -> bool:
    """Whether one of a rule's `needs` is there: facts by the names of their classes, anything else is a signal."""
    facts = {
        "loss_calls": recording.loss_calls,
        "LossCall.prediction": any(call.prediction for call in recording.loss_calls),
        "LossCall.target": any(call.target for call in recording.loss_calls),
        "TensorFacts of the inputs": recording.inputs,
        "OptimizerFacts": recording.optimizers,
        "Layer": recording.layers,
        "Metric": recording.metric,
    }

    def there(word: str) -> bool:
        if word in facts:
            return bool(facts[word])
        name = word.removesuffix("/<layer>")
        return any(signal == name or signal.startswith(f"{name}/") for signal in recording.signals)

    return any(there(word.strip()) for word in need.split(" or "))
