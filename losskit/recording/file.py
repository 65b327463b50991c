"""The Recording's file: JSON Lines, written as the run goes, so that a run that dies leaves what it had said.

Each line is one object: ``{"signal": name, "step": s, "value": v}`` or ``{"fact": kind, …fields}``.
Non-finite numbers are written as the strings "nan", "inf", "-inf" (strict JSON has no word for them).
A fact that stands for something that changes (Progress, LossCall, Metric, TensorFacts of the inputs) is written again
when it has changed; the reader keeps the last one of the same identity.
"""

from __future__ import annotations

import json
import math
import os
import sys
import types
import typing
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

from losskit.recording import facts as facts_module
from losskit.recording.facts import (
    DataFacts,
    End,
    Event,
    Layer,
    LossCall,
    Metric,
    Modes,
    Operation,
    OptimizerFacts,
    Progress,
    Restart,
    Setting,
    Site,
    Start,
    TensorFacts,
)
from losskit.recording.recording import Recording

FACTS = {
    cls.__name__: cls
    for cls in (
        Start,
        End,
        Progress,
        Metric,
        Modes,
        TensorFacts,
        DataFacts,
        Layer,
        LossCall,
        OptimizerFacts,
        Site,
        Setting,
        Event,
        Operation,
    )
}
_NUMBERS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


class Recorder:
    """Writes a Recording line by line. Lines are complete or absent: each is one write of one line."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._file = open(self.path, "w", encoding="utf-8")  # noqa: SIM115 - open for the length of the run

    def fact(self, fact: Any) -> None:
        """Write one fact (a dataclass of `losskit.recording.facts`); None is nothing."""
        self._write({"fact": type(fact).__name__, **asdict(fact)})

    def measure(self, name: str, step: int, value: float) -> None:
        self.measure_all(name, ((int(step), float(value)),))

    def measure_all(self, name: str, points: Iterable[tuple[int, float]]) -> None:
        """Write many values of one signal, in much less time than one by one."""
        start = f'{{"signal":{_quoted(name)},"step":'  # text: there are several in each training step
        self._line("\n".join([f'{start}{step},"value":{_digits(value)}}}' for step, value in points]))

    def flush(self) -> None:
        try:
            if not self._file.closed:
                self._file.flush()
        except OSError as error:
            self._lose(error)

    def close(self) -> None:
        self.flush()
        self._file.close()

    def _write(self, line: dict[str, Any]) -> None:
        self._line(json.dumps(_plain(line), allow_nan=False, separators=(",", ":")))

    def _line(self, text: str) -> None:
        try:
            if not self._file.closed:
                self._file.write(text + "\n")
        except OSError as error:
            self._lose(error)

    def _lose(self, error: OSError) -> None:
        """The disk is full, for example: the run goes on, and what comes is not written."""
        if not self._file.closed:
            print(f"losskit: the recording ends here: {error}", file=sys.stderr)
            with suppress(OSError):
                self._file.close()


def write(recording: Recording, path: str | os.PathLike[str]) -> None:
    """Write a whole Recording to a new file, atomically."""
    temporary = Path(f"{os.fspath(path)}.{os.getpid()}.tmp")
    recorder = Recorder(temporary)
    try:
        _write_all(recording, recorder)
        recorder.close()
        os.replace(temporary, path)
    finally:
        recorder.close()
        temporary.unlink(missing_ok=True)


def _write_all(recording: Recording, recorder: Recorder) -> None:
    if recording.earlier is not None:
        _write_all(recording.earlier, recorder)
        recorder.fact(Restart())
    single = (recording.start, recording.progress, recording.metric, recording.inputs, recording.data, recording.modes)
    code = (recording.layers, recording.loss_calls, recording.operations, recording.optimizers, recording.sites)
    many = (*code, recording.settings, recording.events)
    for fact in (*single, *(item for group in many for item in group), recording.end):
        if fact is not None:
            recorder.fact(fact)
    for signal in recording.signals.values():
        for step, value in signal:
            recorder.measure(signal.name, step, value)


def read(path: str | os.PathLike[str]) -> Recording:
    """Read a Recording; a last line cut short by a crash is left out.

    Raises ValueError, with the line number, for a line that is not ours.
    """
    recording = Recording()
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except json.JSONDecodeError as error:
            if number == len(lines):  # no newline after it: the run died while writing
                break
            raise ValueError(f"{path}:{number}: expected a JSON object per line, got {line[:60]!r} ({error})") from None
        if entry.get("fact") == Restart.__name__:
            recording = Recording(start=recording.start, earlier=recording)
        elif "signal" in entry:
            recording.measure(entry["signal"], entry["step"], _number(entry["value"]))
        elif entry.get("fact") in FACTS:
            _place(recording, _build(FACTS[entry.pop("fact")], entry))
        else:
            raise ValueError(f"{path}:{number}: expected a 'signal' or a 'fact' of {sorted(FACTS)}, got {line[:60]!r}")
    return recording


def _place(recording: Recording, fact: Any) -> None:
    """Put a fact where it belongs; of facts about the same thing the last one counts."""
    match fact:
        case Start():
            recording.start = fact
        case End():
            recording.end = fact
        case Progress():
            recording.progress = fact
        case Metric():
            recording.metric = fact
        case Modes():
            recording.modes = fact
        case TensorFacts():
            recording.inputs = fact
        case DataFacts():
            recording.data = fact
        case Layer():
            _replace(recording.layers, fact, lambda layer: layer.name)
        case LossCall():
            _replace(recording.loss_calls, fact, lambda call: (call.place, call.function, call.phase))
        case OptimizerFacts():
            _replace(recording.optimizers, fact, lambda one: (one.kind, one.place))
        case Site():
            _replace(recording.sites, fact, lambda site: (site.kind, site.place, site.detail))
        case Setting():
            _replace(recording.settings, fact, lambda one: (one.name, one.call))
        case Event():
            recording.events.append(fact)
        case Operation():
            _replace(recording.operations, fact, lambda one: (one.name, one.place))


def _replace(existing: list[Any], fact: Any, identity: typing.Callable[[Any], object]) -> None:
    for index, other in enumerate(existing):
        if identity(other) == identity(fact):
            existing[index] = fact
            return
    existing.append(fact)


def _digits(value: float) -> str:
    """The nine digits that tell any float32: all that a double has take five times as long."""
    return f"{value:.9g}" if math.isfinite(value) else f'"{value}"'  # "nan", "inf", "-inf"


@cache
def _quoted(name: str) -> str:
    return json.dumps(name)


def _plain(value: Any) -> Any:
    """The value in strict JSON's words."""
    if isinstance(value, bool) or value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else ("nan" if math.isnan(value) else "inf" if value > 0 else "-inf")
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):  # a NumPy scalar
        return _plain(value.item())
    return str(value)


def _number(value: Any) -> float:
    return _NUMBERS[value] if isinstance(value, str) else float(value)


@cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls, dict(vars(facts_module)))


def _build(cls: type, entry: dict[str, Any]) -> Any:
    """The dataclass from its JSON object; unknown keys (a newer version's) are left out."""
    hints = _hints(cls)
    return cls(**{f.name: _typed(hints[f.name], entry[f.name]) for f in fields(cls) if f.name in entry})


def _typed(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        hint = next(option for option in typing.get_args(hint) if option is not type(None))
    if typing.get_origin(hint) is tuple:
        return tuple(_typed(typing.get_args(hint)[0], item) for item in value)
    if is_dataclass(hint):
        return _build(typing.cast(type, hint), value)
    if hint is float:
        return _number(value)
    return value


__all__ = ["FACTS", "Recorder", "read", "write"]
