"""Write one page per loss and per rule, from what they say of themselves. Run before sphinx-build."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import numpy as np

import losskit
from losskit.core.catalogue import default, family_of
from losskit.core.loss import Loss
from losskit.doctor.rules import Rule, rules
from losskit.report.profile import Profile, example, profile

HERE = Path(__file__).parent


def loss_page(cls: type[Loss]) -> str:
    """Docstring, facts, a picture, and the loss in four frameworks."""
    lines = [f"# {cls.__name__}", "", inspect.cleandoc(cls.__doc__ or ""), ""]
    if cls.aliases:
        lines += [f"Also named: {', '.join(cls.aliases)}.", ""]
    lines += [f"Family: {family_of(cls)}. Kind: {cls.kind}. Tasks: {', '.join(cls.tasks) or 'any'}.", ""]
    lines += ["```python", f"losskit.{cls.__name__}({_settings(cls)})({', '.join(cls.inputs)})", "```", ""]
    loss = default(cls)
    if loss is None:
        return "\n".join(lines)
    claims = [(f.name.replace("_", " "), getattr(loss.facts, f.name)) for f in fields(loss.facts)]
    lines += ["## Facts", "", "Each is proven by a test.", "", "| fact | value |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in claims if value is not None]
    shape = profile(loss)
    if shape is not None:
        lines += ["", "## Value and gradient", "", f"Over {shape.moving}, all else standing still.", "", _curve(shape)]
    lines += ["", "## In four frameworks", "", "```python", code(loss), "```"]
    return "\n".join([*lines, ""])


def code(loss: Loss) -> str:
    """The loss of a small sample in NumPy, PyTorch, JAX and Keras, to be run as it stands."""
    sample = ", ".join(f"{name}=np.array({array.tolist()})" for name, array in example(loss).items())
    return "\n".join(
        [
            "import jax.numpy, keras, torch",
            "import numpy as np",
            "import losskit",
            "",
            f"loss = losskit.{loss}",
            f"inputs = dict({sample})",
            "value, gradient = loss.value_and_gradient(**inputs)                              # NumPy",
            "loss(**{name: torch.from_numpy(array) for name, array in inputs.items()})         # PyTorch",
            "loss(**{name: jax.numpy.asarray(array) for name, array in inputs.items()})        # JAX",
            "loss(**{name: keras.ops.convert_to_tensor(array) for name, array in inputs.items()})  # Keras",
        ]
    )


def rule_page(rule: Rule) -> str:
    sections = (
        ("What it finds", rule.what),
        ("Why it hurts", rule.why),
        ("What to do", rule.fix),
        ("Thresholds", rule.thresholds),
        ("Needs", ", ".join(rule.needs)),
        ("Explains", ", ".join(rule.explains) or "nothing else"),
    )
    body = [f"## {title}\n\n{text}\n" for title, text in sections]
    budget = f"False-alarm budget: at most {rule.false_alarms:.1%} of healthy runs.\n"
    return "\n".join([f"# {rule.code} {rule.name}\n", f"Severity: {rule.severity}.\n", *body, budget])


def _settings(cls: type[Loss]) -> str:
    return ", ".join(f"{f.name}={f.default!r}" for f in fields(cls) if f.default.__class__.__name__ != "_MISSING_TYPE")


def _curve(shape: Profile) -> str:
    """Value (solid) and gradient (dashed) as SVG."""
    curves = [np.where(np.isfinite(curve), curve, np.nan) for curve in (shape.value, shape.gradient)]
    bottom, top = (float(end([end(curve) for curve in curves])) for end in (np.nanmin, np.nanmax))
    top = min(top, 20.0)
    low, high = float(shape.x[0]), float(shape.x[-1])
    lines = []
    for series, dash in zip(curves, ("", ' stroke-dasharray="5 4"'), strict=True):
        points = " ".join(
            f"{20 + 360 * (a - low) / (high - low):.1f},{200 - 180 * (b - bottom) / ((top - bottom) or 1):.1f}"
            for a, b in zip(shape.x, np.clip(series, bottom, top), strict=True)
            if np.isfinite(b)
        )
        lines.append(f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="2"{dash}/>')
    label = f"from {low:.3g} to {high:.3g}; values from {bottom:.3g} to {top:.3g}"
    return f'<svg viewBox="0 0 400 220" role="img" aria-label="{label}" width="400">{"".join(lines)}</svg>\n\n{label}'


def write(folder: str, title: str, introduction: str, pages: dict[str, str]) -> None:
    """A folder of pages and its index, made anew."""
    target = HERE / folder
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for name, text in pages.items():
        (target / f"{name}.md").write_text(text, encoding="utf-8")
    index = [f"# {title}", "", introduction, "", "```{toctree}", ":maxdepth: 1", "", *pages, "```", ""]
    (target / "index.md").write_text("\n".join(index), encoding="utf-8")


def main(catalogue: Mapping[str, type[Loss]] = losskit.catalogue) -> None:
    losses = {name: loss_page(cls) for name, cls in sorted(catalogue.items())}
    write("losses", "The losses", f"{len(losses)} losses, each with its formula, its facts and its source.", losses)
    found = {code: rule_page(rule) for code, rule in sorted(rules().items())}
    write(
        "rules", "The doctor's rules", f"{len(found)} rules, each with what it finds, why it hurts and the fix.", found
    )
    print(f"{len(losses)} losses, {len(found)} rules")


if __name__ == "__main__":
    main()
