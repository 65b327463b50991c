"""Write one page per loss and per rule, from what they say of themselves. Run before sphinx-build."""

from __future__ import annotations

import inspect
import shutil
from dataclasses import fields
from pathlib import Path

import numpy as np

import losskit
from losskit.core.kinds import ElementwiseLoss
from losskit.core.loss import Loss
from losskit.doctor.rules import Rule, rules

HERE = Path(__file__).parent


def loss_page(cls: type[Loss]) -> str:
    """Docstring, inputs, hyper-parameters, facts, and a curve where one score meets one target."""
    lines = [f"# {cls.__name__}", "", inspect.cleandoc(cls.__doc__ or ""), ""]
    if cls.aliases:
        lines += [f"Also named: {', '.join(cls.aliases)}.", ""]
    lines += ["```python", f"losskit.{cls.__name__}({_settings(cls)})({', '.join(cls.inputs)})", "```", ""]
    loss = _default(cls)
    if loss is None:
        return "\n".join(lines)
    claims = [(f.name.replace("_", " "), getattr(loss.facts, f.name)) for f in fields(loss.facts)]
    lines += ["## Facts", "", "Each is proven by a test.", "", "| fact | value |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in claims if value is not None]
    curve = _curve(loss)
    if curve:
        lines += ["", "## Value and gradient", "", "Over the prediction, at one target.", "", curve]
    return "\n".join([*lines, ""])


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


def _default(cls: type[Loss]) -> Loss | None:
    try:
        return cls()
    except TypeError:  # a hyper-parameter without a default
        return None


def _curve(loss: Loss) -> str:
    """Value (solid) and gradient (dashed) as SVG, for losses of one prediction and one target."""
    if not isinstance(loss, ElementwiseLoss) or loss.inputs != ("prediction", "target"):
        return ""
    domain = loss.domain("prediction")
    low, high = max(getattr(domain, "lower", -4.0), -4.0), min(getattr(domain, "upper", 4.0), 4.0)
    x = np.linspace(low + 1e-3, high - 1e-3, 161)
    target = np.full_like(x, 1.0)
    with losskit.checks("shapes"):
        value = loss(x, target, reduction="none") if "none" in loss.reductions else np.array([loss(x[:1], target[:1])])
        if value.shape != x.shape:
            return ""
        _, gradient = loss.value_and_gradient(x, target, reduction="sum")
    bottom, top = float(min(value.min(), gradient.min())), float(min(max(value.max(), gradient.max()), 20.0))
    lines = []
    for series, dash in ((value, ""), (gradient, ' stroke-dasharray="5 4"')):
        shown = np.clip(series, bottom, top)
        points = " ".join(
            f"{20 + 360 * (a - low) / (high - low):.1f},{200 - 180 * (b - bottom) / ((top - bottom) or 1):.1f}"
            for a, b in zip(x, shown, strict=True)
        )
        lines.append(f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="2"{dash}/>')
    label = f"from {low:g} to {high:g}; values from {bottom:.3g} to {top:.3g}"
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


def main() -> None:
    losses = {name: loss_page(cls) for name, cls in sorted(losskit.catalogue.items())}
    write("losses", "The losses", f"{len(losses)} losses, each with its formula, its facts and its source.", losses)
    found = {code: rule_page(rule) for code, rule in sorted(rules().items())}
    write(
        "rules", "The doctor's rules", f"{len(found)} rules, each with what it finds, why it hurts and the fix.", found
    )
    print(f"{len(losses)} losses, {len(found)} rules")


if __name__ == "__main__":
    main()
