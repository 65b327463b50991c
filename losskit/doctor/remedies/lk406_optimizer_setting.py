"""LK406: the customary setting, and the schedule stepped where it counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst

from losskit.doctor.evidence.place import first_site
from losskit.doctor.evidence.rate import customary_rate, the_optimizer
from losskit.doctor.evidence.schedule import the_schedule
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit, schedule
from losskit.doctor.remedies.optimizer import is_keras, optimizer_call, rate_edits, set_traced
from losskit.doctor.remedies.source import Source
from losskit.recording.facts import ScheduleFacts
from losskit.recording.recording import Recording

# What a refused setting is called, and what the framework would have taken.
_TAKEN = (
    ("Nesterov momentum", "momentum", "0.9"),
    ("Invalid momentum", "momentum", "0.9"),
    ("`momentum`", "momentum", "0.9"),
    ("Invalid beta", "betas", "(0.9, 0.999)"),
    ("Invalid eps", "eps", "1e-8"),
    ("Invalid weight_decay", "weight_decay", "0"),
    ("Invalid learning rate", "lr", "0.001"),
)


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    setting = finding.evidence.get("setting")
    if finding.used_at is None:
        return
    if isinstance(setting, str) and setting.startswith(("schedule", "warm-up", "plateau")):
        yield from _of_schedule(setting, finding, recording, source)
    elif setting == "zero-rate":
        customary = customary_rate(recording)
        if customary is not None:
            yield from rate_edits(finding, recording, source, [customary])
        yield from _without_schedule(recording, source)
    elif setting == "remade":
        yield from _made_once(finding, source)
    elif setting == "clip":
        yield from _clipped_at_one(finding, recording, source)
    elif setting == "refused":
        for words, keyword, code in _TAKEN:
            if words in finding.message:
                yield from _set(finding, recording, source, {keyword: code})
                return
    else:
        yield from _customary(str(setting), finding, recording, source)


def _customary(setting: str, finding: Finding, recording: Recording, source: str) -> Iterator[Edit]:
    tree = Source(source)
    assert finding.used_at is not None
    call = optimizer_call(tree, finding.used_at.line)
    if call is None:
        return
    keras = is_keras(tree, call)
    if setting.startswith("betas"):
        betas = {"beta_1": "0.9", "beta_2": "0.999"} if keras else {"betas": "(0.9, 0.999)"}
        yield from _set(finding, recording, source, betas)
    elif setting == "eps":
        yield from _set(finding, recording, source, {"epsilon": "1e-7"} if keras else {"eps": "1e-8"})
    elif setting == "momentum":
        yield from _set(finding, recording, source, {"momentum": "0.9"})
        yield from _set(finding, recording, source, {"momentum": "0"})
    else:
        keyword = {"accumulation": "gradient_accumulation_steps"}.get(setting, setting)
        arg = tree.argument(call, keyword)
        if arg is not None:
            tree.remove_item(arg)
            yield Edit(f"without-{keyword.replace('_', '-')}", f"Leave out {keyword}", tree.text())


def _set(finding: Finding, recording: Recording, source: str, settings: dict[str, str]) -> Iterator[Edit]:
    """The optimizer with these settings."""
    tree = Source(source)
    call = optimizer_call(tree, finding.used_at.line) if finding.used_at is not None else None
    if call is None:
        return
    places = {"betas": 2, "eps": 3} if tree.callee(call).lower().startswith(("adam", "nadam", "radam")) else {}
    for keyword, code in settings.items():
        set_traced(tree, call, keyword, code, recording, None if is_keras(tree, call) else places.get(keyword))
    said = ", ".join(f"{keyword} = {code}" for keyword, code in settings.items())
    name = "-".join(settings).replace("_", "-")
    yield Edit(f"{name}-{next(iter(settings.values()))}".replace("(", "").split(",")[0], f"Set {said}", tree.text())


def _of_schedule(setting: str, finding: Finding, recording: Recording, source: str) -> Iterator[Edit]:
    found = the_schedule(recording)
    if found is None:
        return
    if setting == "plateau":
        yield from _other_mode(found, source)
    stepped, step = found.stepped, first_site(recording, "step")
    if setting == "schedule-per-batch" and stepped is not None:
        text = schedule.stepped_after_loop(source, stepped.line)
        if text is not None:
            yield Edit("step-per-epoch", "Step the schedule once per epoch, after the loop over batches", text)
    if setting == "schedule-per-epoch" and stepped is not None and step is not None:
        text = schedule.stepped_in_loop(source, stepped.line, step.line)
        if text is not None:
            yield Edit("step-per-batch", "Step the schedule after every batch", text)
    if setting == "schedule-decay":
        text = schedule.slower_decay(source, found, recording)
        if text is not None:
            yield Edit("slower-decay", "Let the learning rate decay over the whole run", text)
    yield from _without_schedule(recording, source)


def _without_schedule(recording: Recording, source: str) -> Iterator[Edit]:
    found = the_schedule(recording)
    if found is None:
        return
    if found.stepped is not None:
        text = schedule.not_stepped(source, found.stepped.line)
    else:
        text = schedule.constant_rate(source, found) or schedule.without_callback(source, found.kind)
    if text is not None:
        yield Edit("constant-rate", "Leave the learning rate as it is", text)


def _other_mode(found: ScheduleFacts, source: str) -> Iterator[Edit]:
    tree = Source(source)
    call = tree.call(found.place.line, found.kind) if found.place is not None else None
    if call is not None:
        mode = "max" if found.settings.get("mode") == "min" else "min"
        tree.set_argument(call, "mode", f'"{mode}"', None if "monitor" in found.settings else 1)
        yield Edit(f"mode-{mode}", f"Let the schedule wait for a {mode}imum", tree.text())


def _made_once(finding: Finding, source: str) -> Iterator[Edit]:
    """The optimizer's construction moved before the outermost loop it is in."""
    tree = Source(source)
    assert finding.used_at is not None
    call = optimizer_call(tree, finding.used_at.line)
    statement = tree.ancestor(call, cst.SimpleStatementLine) if call is not None else None
    loops: list[cst.For | cst.While] = []
    node: cst.CSTNode | None = statement
    while node is not None and not isinstance(node, (cst.Module, cst.FunctionDef)):
        if isinstance(node, (cst.For, cst.While)):
            loops.append(node)
        node = tree.parent(node)
    if statement is None or not loops or len(statement.body) != 1:
        return
    code = tree.code(statement.body[0])
    tree.remove_statement(statement.body[0])
    tree.insert_before(tree.line(loops[-1]), code)
    yield Edit("made-once", "Make the optimizer once, before the loop", tree.text())


def _clipped_at_one(finding: Finding, recording: Recording, source: str) -> Iterator[Edit]:
    """Gradients clipped to 1, or not at all."""
    tree = Source(source)
    assert finding.used_at is not None
    clip = tree.call(finding.used_at.line, "clip_grad_norm_", "clip_grad_value_")
    optimizer = the_optimizer(recording)
    if clip is not None:
        value = tree.callee(clip) == "clip_grad_value_"
        set_traced(tree, clip, "clip_value" if value else "max_norm", "1.0", recording, 1)
        yield Edit("clip-1", "Clip gradients to 1", tree.text())
        return
    call = optimizer_call(tree, finding.used_at.line)
    names = ("clipnorm", "global_clipnorm", "clipvalue")
    name = next((name for name in names if optimizer is not None and optimizer.settings.get(name) is not None), None)
    if call is not None and name is not None and tree.argument(call, name) is not None:
        set_traced(tree, call, name, "1.0", recording)
        yield Edit("clip-1", f"Set {name} to 1", tree.text())
