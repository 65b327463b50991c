"""LK111: what the divergence takes, made of what it was given."""

from __future__ import annotations

from collections.abc import Iterator

from losskit.doctor.evidence.loss_calls import last_activation, named
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit, loss, output
from losskit.doctor.remedies.source import Source
from losskit.recording.facts import LossCall
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterator[Edit]:
    call = loss.call_of(finding, recording)
    how = finding.evidence.get("how")
    if call is None:
        return
    if call.expects == "probabilities":
        yield from _softmax_output(recording, call, source)
    elif how == "swapped":
        yield from _in_order(recording, call, source)
    elif how == "log-target":
        yield from _log_target(recording, call, source, bool(finding.evidence.get("log_target")))
    elif how == "target-scores":
        tree = Source(source)
        softmax = tree.spell("torch.nn.functional.softmax")
        yield from _rewritten(
            tree, recording, call, "target", f"{softmax}({{}}, dim=1)", "Give probabilities as targets"
        )
    elif how in ("prediction-probabilities", "prediction-scores"):
        yield from _logarithm(recording, call, source)


def _softmax_output(recording: Recording, call: LossCall, text: str) -> Iterator[Edit]:
    """Keras: the model ends in softmax."""
    tree, activation = Source(text), last_activation(call)
    if activation is None:
        changed = output.activate_last(tree, recording, "softmax")
    else:
        changed = output.exchange(tree, activation, "softmax")
    if changed:
        yield Edit("softmax-output", "Let the model end in softmax", tree.text())


def _logarithm(recording: Recording, call: LossCall, text: str) -> Iterator[Edit]:
    """log_softmax in place of softmax, else log_softmax of the scores."""
    activation = last_activation(call)
    tree = Source(text)
    if activation is not None and named(activation, "softmax"):
        if output.exchange(tree, activation, "log_softmax"):
            yield Edit("log-softmax", "Give the divergence log-probabilities: log_softmax for softmax", tree.text())
        return
    if call.prediction is not None and call.prediction.minimum is not None and call.prediction.minimum >= 0:
        yield from _rewritten(tree, recording, call, "prediction", "{}.log()", "Give the divergence log-probabilities")
        return
    function = tree.spell("torch.nn.functional.log_softmax")
    yield from _rewritten(
        tree, recording, call, "prediction", f"{function}({{}}, dim=1)", "Give the divergence log-probabilities"
    )


def _in_order(recording: Recording, call: LossCall, text: str) -> Iterator[Edit]:
    tree = Source(text)
    uses = loss.uses(tree, recording, call)
    for use in uses:
        first, second = tree.code(use.prediction.value), tree.code(use.target.value)
        tree.replace(use.prediction.value, second)
        tree.replace(use.target.value, first)
    if uses:
        yield Edit("in-order", "Give the model's log-probabilities first, then the probabilities", tree.text())


def _log_target(recording: Recording, call: LossCall, text: str, said: bool) -> Iterator[Edit]:
    """``log_target=True`` added, or taken out where it was `said`."""
    tree = Source(text)
    made = loss.construction(tree, call)
    calls = [made] if made is not None else [use.call for use in loss.uses(tree, recording, call)]
    for one in calls:
        given = tree.argument(one, "log_target")
        if said and given is not None:
            tree.remove_item(given)
        elif not said:
            tree.set_argument(one, "log_target", "True")
    title = "Say that the targets are probabilities" if said else "Say that the targets are log-probabilities"
    yield Edit("log-target", title, tree.text())


def _rewritten(
    tree: Source, recording: Recording, call: LossCall, which: str, template: str, title: str
) -> Iterator[Edit]:
    uses = loss.uses(tree, recording, call)
    for use in uses:
        loss.rewrite(tree, use.prediction if which == "prediction" else use.target, template)
    if uses:
        yield Edit(f"{which}-of-divergence", title, tree.text())
