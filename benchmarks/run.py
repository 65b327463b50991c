"""Everything that is claimed about speed and memory, measured here: each line with its target and whether it holds.

Every section is a script of its own, and runs in a process of its own; run one alone to see it in full.

Run: python benchmarks/run.py [SECTION…] [--out FOLDER]
Writes FOLDER/results.json (default: benchmarks/results) and a picture of how far each line is from its target. Peers
that are not installed are left out of their lines; what needs a GPU is told as not measured where there is none, and
holds neither way. The exit status is 1 where a line misses its target.
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SECTIONS = {
    "fused": ["fused_losses.py", "--all"],
    "jitted": ["jitted_losses.py"],
    "small": ["small_inputs.py"],
    "linear": ["linear_cross_entropy.py"],
    "contrastive": ["contrastive.py"],
    "growth": ["growth.py"],
    "training": ["training_speed.py"],
    "start": ["start_up.py"],
}
PACKAGES = (
    "losskit",
    "torch",
    "keras",
    "jax",
    "optax",
    "tensorflow-cpu",
    "lightning",
    "torchvision",
    "pytorch-metric-learning",
    "triton",
    "liger-kernel",
    "cut-cross-entropy",
)


def versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def gpu() -> str | None:
    """The GPU's name, None without one. Asked in a process of its own: what is measured has the GPU to itself."""
    code = "import torch; print(torch.cuda.get_device_name() if torch.cuda.is_available() else '')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


def measured(section: str) -> list[dict[str, Any]]:
    """The lines of one section; its own output goes to the terminal."""
    script, *arguments = SECTIONS[section]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.json"
        command = [sys.executable, str(HERE / script), *arguments, "--json", str(path)]
        status = subprocess.run(command, check=False).returncode
        if not path.exists():
            return [{"name": f"{script} ended with status {status}", "value": math.nan, "unit": "", "holds": False}]
        return json.loads(path.read_text())


def picture(lines: list[dict[str, Any]]) -> str:
    """Each line's value over its target, on a logarithmic scale: left of the mark it holds."""
    rows = [line for line in lines if isinstance(line.get("target"), int | float) and (line["value"] or 0) > 0]
    width, left, height = 900, 520, 20
    scale = (width - left - 20) / 4  # from a hundredth of the target to a hundred times it

    def x(share: float) -> float:
        return left + scale * (2 + max(-2.0, min(2.0, math.log10(share))))

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height * len(rows) + 40}" '
        'font-family="sans-serif" font-size="12">',
        f'<line x1="{x(1)}" y1="0" x2="{x(1)}" y2="{height * len(rows)}" stroke="#888"/>',
        f'<text x="{x(1)}" y="{height * len(rows) + 20}" text-anchor="middle">target</text>',
    ]
    for k, line in enumerate(rows):
        colour = "#2a7" if line["holds"] else "#c43"
        name = line["name"].replace("&", "&amp;").replace("<", "&lt;")
        y = height * k + 14
        parts.append(f'<text x="{left - 8}" y="{y}" text-anchor="end">{name}</text>')
        parts.append(f'<circle cx="{x(line["value"] / line["target"]):.1f}" cy="{y - 4}" r="5" fill="{colour}"/>')
    return "\n".join([*parts, "</svg>"])


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}; else all")
    parser.add_argument("--out", type=Path, default=HERE / "results")
    given = parser.parse_args()
    unknown = [name for name in given.sections if name not in SECTIONS]
    if unknown:
        parser.error(f"SECTION: expected some of {', '.join(SECTIONS)}, got {unknown[0]!r}")
    results: dict[str, Any] = {
        "date": datetime.date.today().isoformat(),
        "machine": f"{os.cpu_count()} CPU cores ({platform.machine()}), {platform.system()}",
        "gpu": gpu(),
        "versions": versions(),
        "sections": {},
    }
    given.out.mkdir(parents=True, exist_ok=True)
    lines: list[dict[str, Any]] = []
    for section in given.sections or SECTIONS:
        print(f"== {section}", flush=True)
        results["sections"][section] = measured(section)
        lines += results["sections"][section]
        # After each section: half an hour is not lost with the last one.
        (given.out / "results.json").write_text(json.dumps(results, indent=1))
        (given.out / "results.svg").write_text(picture(lines))
    judged = [line for line in lines if line.get("holds") is not None]
    missed = [line for line in judged if not line["holds"]]
    print(f"\n{len(judged) - len(missed)} of {len(judged)} lines hold; written to {given.out}")
    for line in lines:
        if line.get("missing"):
            print(f"  not measured: {line['name']} ({line['missing']})")
    for line in missed:
        print(f"  missed: {line['name']}: {line['value']:.3g} {line['unit']}, target {line.get('target')}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
