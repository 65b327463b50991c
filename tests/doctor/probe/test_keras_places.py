"""The line of an argument in a call that spans several lines."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from losskit.doctor.probe.keras_places import argument_place
from losskit.doctor.probe.places import Places
from losskit.recording.facts import Place

CALLS = {
    "keyword": ("model.compile(\n    optimizer='adam',\n    loss='mse',\n)", 3),
    "position": ("model.compile(\n    'adam',\n    'mse')", 3),
    "value on its own line": ("model.compile(optimizer='adam', loss=dict(\n    a='mse'))", 1),
    "chained": ("Model(\n).compile(\n    loss='mse')", 3),
    "nested": ("model.compile(\n    loss=Loss(\n        1),\n    optimizer=Loss(2))", 2),
    "settings": ("settings = {'loss': 'mse'}\nmodel.compile(\n    **settings)", 2),
    "absent": ("model.compile(\n    optimizer='adam')", 1),
}


class Model:
    places: Places
    found: Place | None = None

    def compile(self, *arguments: object, **named: object) -> None:
        Model.found = argument_place(self.places, sys._getframe(1), "loss", 1)


@pytest.mark.parametrize("name", CALLS)
def test_line_of_the_loss(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, line = CALLS[name]
    script = tmp_path / "script.py"
    script.write_text("def run(model, Model, Loss):\n" + "\n".join("    " + one for one in source.split("\n")) + "\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Model, "places", Places(script), raising=False)
    names: dict[str, object] = {}
    exec(compile(script.read_text(), str(script), "exec"), names)
    names["run"](Model(), Model, lambda value: value)  # type: ignore[operator]
    assert Model.found == Place("script.py", line + 1)
