"""The charts of one run: loss, metric, rate, layers, what was fed to the loss. What was not measured is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from losskit.recording.facts import Event, LossCall, TensorFacts
from losskit.recording.recording import Recording, Signal
from losskit.report.html.bar_chart import bar_chart
from losskit.report.html.element import Child, Markup, clip, element
from losskit.report.html.figure import table
from losskit.report.html.heat_chart import heat_chart
from losskit.report.html.line_chart import Line, line_chart
from losskit.report.html.numbers import count, number
from losskit.report.html.page import Section
from losskit.report.html.row_chart import Range, range_chart

_FEW = 3  # layers: up to here a line each, from here on a strip each
_EVENTS = 15

# prefix of the signals, title, note, whether it is a share
_LAYERS = (
    ("gradient_norm", "Gradient norm per layer", "From the input (top) to the output (bottom).", False),
    ("update_ratio", "Size of a step relative to the weights", "‖step‖ / ‖weights‖; about 1e−3 is usual.", False),
    ("dead_fraction", "Dead units", "Share of a layer's units that were 0 on the whole batch.", True),
    ("saturated_fraction", "Saturated units", "Share of entries in the flat ends of the activation.", True),
    ("output_std", "Spread of each layer's output", "Standard deviation over the batch.", False),
)


def metric_name(name: str) -> str:
    """balanced_accuracy → balanced accuracy; r2 → R²."""
    return "R²" if name == "r2" else clip(name.replace("_", " "), 40)


def section(recording: Recording) -> Section:
    """All that was seen of a run."""
    nothing = None if recording.signals else element("p", "No training step was recorded.", class_="muted")
    content = [nothing, curves(recording), signals(recording), tensors(recording), events(recording)]
    return Section("run", "The run", "The run", content)


def curves(recording: Recording) -> list[Markup | None]:
    """Loss and task metric, as wide as the page."""
    loss = line_chart(
        "loss",
        "Loss",
        [
            Line("training", recording.signal("loss"), 3),
            Line("validation", recording.signal("validation/loss"), 4, dots=True),
        ],
    )
    metric = recording.metric
    name = metric_name(metric.name) if metric else "metric"
    task = line_chart(
        "metric",
        name[:1].upper() + name[1:],
        [
            Line("training, each batch before it is trained on", recording.signal("metric"), 3),
            Line("validation", recording.signal("validation/metric"), 4, dots=True),
        ],
        references=[("chance", metric.chance)] if metric and metric.chance is not None else [],
        linear=True,
        within=(-1e300, 1.0) if metric and metric.name == "r2" else (0.0, 1.0) if metric else None,
    )
    return [loss, task]


def signals(recording: Recording) -> list[Child]:
    """The learning rate where it changes, and the layers."""
    rate = recording.signal("rate")
    changes = len(set(rate.values)) > 1
    constant = None
    if rate.values and not changes:
        constant = element("p", f"The learning rate was {number(rate.values[0])} throughout.", class_="muted")
    small = [line_chart("rate", "Learning rate", [Line("rate", rate, 2, smooth=False)], linear=True)] if changes else []
    wide: list[Child] = []
    for prefix, title, note, share in _LAYERS:
        layers = _named(recording, prefix)
        slug, note = prefix.replace("_", "-"), f"{note} {_reach(layers, recording)}".strip()
        if share and layers and not any(value != 0 for signal in layers.values() for value in signal.values):
            wide.append(element("p", f"{title}: none, in any of {count(len(layers), 'layer')}.", class_="muted"))
        elif len(layers) > _FEW:
            wide.append(heat_chart(slug, title, layers, note=note, share=share))
        else:
            lines = [Line(clip(name, 40), signal, index + 1) for index, (name, signal) in enumerate(layers.items())]
            small.append(line_chart(slug, title, lines, note=note, within=(0.0, 1.0) if share else None))
    if not recording.per_layer("gradient_norm"):
        small.append(_total_norm(recording))
    return [constant, _side_by_side(small), wide]


def tensors(recording: Recording) -> list[Child]:
    """What went into the model and into the loss: over the run, ranges, classes, and anything that is not finite."""
    calls = recording.training_losses()
    call = max(calls, key=lambda one: one.calls) if calls else None
    seen = [("inputs", recording.inputs)] if recording.inputs else []
    if call:
        seen += [(name, facts) for name, facts in (("predictions", call.prediction), ("targets", call.target)) if facts]
    charts = [_predictions(recording), _compared(call), _classes(call)]
    return [_side_by_side(charts), _tensor_table(seen) if seen else None]


def events(recording: Recording) -> Markup | None:
    """What happened once: warnings, the first non-finite number, exceptions."""
    happened = [event for event in recording.events if event.kind != "blind"]
    if not happened:
        return None
    rows = [[number(event.step), event.kind, *_told(event)] for event in happened[:_EVENTS]]
    left = len(happened) - len(rows)
    return element(
        "div",
        element("h3", "What happened on the way"),
        table(["step", "kind", "what", "where"], rows, caption="Events", class_="events"),
        element("p", f"{left:,} more are in the recording.", class_="note") if left else None,
    )


def traceback(text: str) -> Markup:
    """The last lines of a traceback: that is where the reason stands."""
    lines = text.rstrip().splitlines()
    cut = f"… {len(lines) - 60:,} lines above\n" if len(lines) > 60 else ""
    shown = cut + "\n".join(clip(line, 500) for line in lines[-60:])
    return element("pre", element("code", shown), tabindex=0, role="region", aria_label="Traceback")


def _told(event: Event) -> tuple[str, Child]:
    return clip(event.message, 200), element("code", str(event.place)) if event.place else "–"


def _total_norm(recording: Recording) -> Markup | None:
    norm = recording.signal("gradient_norm")
    return line_chart("gradient-norm", "Gradient norm", [Line("all parameters", norm, 2)])


def _predictions(recording: Recording) -> Markup | None:
    """Mean and spread of what the loss received. A spread of zero is a model that answers the same to everything."""
    mean, std = recording.signal("prediction/mean"), recording.signal("prediction/std")
    constant = recording.signal("prediction/constant").last == 1
    note = "Rows do not differ at the end: the model gives one answer to every input." if constant else None
    lines = [Line("mean", mean, 2), Line("standard deviation", std, 4)]
    return line_chart("predictions", "Predictions over the run", lines, note=note)


def _named(recording: Recording, prefix: str) -> dict[str, Signal]:
    """The layers' signals under names that say what the layer is: 0 alone would not."""
    kinds = {layer.name: layer.kind for layer in recording.layers}
    found = recording.per_layer(prefix)
    return {name if kinds.get(name, "") in name else f"{name} {kinds[name]}": signal for name, signal in found.items()}


def _reach(layers: Mapping[str, Signal], recording: Recording) -> str:
    """Said where the measurements end long before the run: the probe looks less often when it costs too much."""
    last = max((signal.steps[-1] for signal in layers.values() if len(signal)), default=None)
    total = recording.progress.steps
    if last is None or last >= 0.8 * (total - 1):
        return ""
    return f"Measured until step {last:,} of {total:,}."


def _side_by_side(charts: Sequence[Child]) -> Markup | None:
    return element("div", charts, class_="charts") if any(charts) else None


def _compared(call: LossCall | None) -> Markup | None:
    """Predictions beside targets on one axis, where both are quantities: a target that cannot be reached shows."""
    if not call or not call.prediction or not call.target or call.target.distinct:
        return None
    pairs = (("targets", call.target, 4), ("predictions", call.prediction, 2))
    ranges = [
        Range(name, facts.minimum, facts.maximum, facts.mean, facts.std, colour)
        for name, facts, colour in pairs
        if facts.minimum is not None and facts.maximum is not None
    ]
    return range_chart(
        "ranges",
        "Predictions beside targets",
        ranges,
        note="Thin: smallest to largest. Thick: one standard deviation around the mean (dot).",
    )


def _classes(call: LossCall | None) -> Markup | None:
    if not call or not call.target or not call.target.distinct:
        return None
    return bar_chart("classes", "How often each target occurs", call.target.distinct)


def _tensor_table(seen: list[tuple[str, TensorFacts]]) -> Markup:
    rows = [
        [
            name,
            element("code", " × ".join(map(str, facts.shape)) or "scalar"),
            element("code", facts.dtype),
            f"{number(facts.minimum)} to {number(facts.maximum)}",
            number(facts.mean),
            number(facts.std),
            number(facts.non_finite),
        ]
        for name, facts in seen
    ]
    head = ["tensor", "shape", "type", "range", "mean", "std", "not finite"]
    return table(head, rows, caption="Tensors, over the batches looked at", class_="numeric tensors")
