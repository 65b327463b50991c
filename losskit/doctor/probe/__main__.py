"""Run a script as `python SCRIPT ARGS…` would, and record its training.

python -m losskit.doctor.probe --recording OUT.jsonl [--seed-offset K] [--watch none|all] [--untouched FOLDER]…
                               SCRIPT [ARGS…]
"""

from __future__ import annotations

import argparse
import builtins
import os
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from importlib import import_module
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Any

from losskit.doctor.probe.imports import AfterImport
from losskit.doctor.probe.places import without_ours
from losskit.doctor.probe.session import Session
from losskit.doctor.probe.settings import settings
from losskit.doctor.probe.untouched import keep_untouched
from losskit.recording.facts import End, Start

FRAMEWORKS = {"torch": "losskit.doctor.probe.torch_hooks", "keras": "losskit.doctor.probe.keras_hooks"}


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    if not os.path.exists(options.script):
        print(f"{sys.executable}: can't open file {options.script!r}: no such file", file=sys.stderr)
        return 2
    session = Session(options.recording, options.script, options.seed_offset)
    if options.seed_offset is not None:
        from losskit.doctor.probe.seeds import seed_python_and_numpy

        seed_python_and_numpy(options.seed_offset)
    keep_untouched(options.untouched, lambda path: session.event("refused", path))
    watched = Run(session, options.script, tuple(options.arguments))
    if options.watch == "all":
        _watch_warnings(session)
        AfterImport({name: _install(session, name, module) for name, module in FRAMEWORKS.items()})
    return watched.run()


class Run:
    """The script's run: what `python SCRIPT ARGS…` does, and an End whatever happens."""

    def __init__(self, session: Session, script: str, arguments: tuple[str, ...]) -> None:
        self._session, self._script, self._arguments = session, script, arguments
        self._began = time.perf_counter()
        self._pid = os.getpid()
        self._started: Start | None = None
        session.summaries.insert(0, lambda: [self._start()])
        session.conclusions.append(lambda: settings(session, arguments))

    def run(self) -> int:
        """Run the script to its end; returns the exit status."""
        sys.argv = [self._script, *self._arguments]
        if not sys.flags.safe_path:
            sys.path[0] = os.path.dirname(os.path.realpath(self._script))
        if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
            signal.signal(signal.SIGTERM, self._terminated)
        self._session.fact(self._start())
        try:
            _execute(os.path.abspath(self._script))
        except SystemExit as error:
            status = _status(error)
            self._end(status)
            return status
        except BaseException as error:
            without_ours(error)
            status = 130 if isinstance(error, KeyboardInterrupt) else 1
            self._session.event(
                "exception", f"{type(error).__name__}: {error}", self._session.places.of_traceback(error.__traceback__)
            )
            self._end(status, "".join(traceback.format_exception(error)), "exception")
            sys.excepthook(type(error), error, error.__traceback__)
            return status
        self._end(0)
        return 0

    def _start(self) -> Start:
        session = self._session
        return Start(self._script, self._arguments, session.framework, dict(session.versions), session.seed_offset)

    def _end(self, status: int, text: str | None = None, reason: str = "finished") -> None:
        session = self._session
        session.conclude()
        budget = session.budget
        seconds = time.perf_counter() - self._began
        warm_up = budget.warm_up_seconds, budget.warm_up_spent
        session.fact(End(status, seconds, budget.spent, budget.training_seconds, text, reason, *warm_up))
        session.close()

    def _terminated(self, number: int, frame: object) -> None:
        """Whoever ends the run early still gets what it had measured."""
        if os.getpid() == self._pid:
            self._end(128 + number, reason="killed")
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


def _execute(path: str) -> None:
    """The script as the module `__main__`, which it stays. (runpy writes into `sys.argv` when the script is over.)"""
    module = sys.modules["__main__"] = ModuleType("__main__")
    vars(module).update(__file__=path, __loader__=SourceFileLoader("__main__", path), __builtins__=builtins)
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec", dont_inherit=True)
    exec(code, vars(module))


def _status(error: SystemExit) -> int:
    if error.code is None or isinstance(error.code, int):
        return (error.code or 0) & 0xFF
    print(error.code, file=sys.stderr)
    return 1


def _install(session: Session, name: str, module: str) -> Callable[[], None]:
    def install() -> None:
        with session.budget:
            session.versions[name] = str(getattr(sys.modules[name], "__version__", "unknown"))
            import_module(module).install(session)

    return install


def _watch_warnings(session: Session) -> None:
    """Note the warnings that the script is shown."""
    show = warnings.showwarning

    def showwarning(message: Any, category: Any, *where: Any, **more: Any) -> None:
        with session.budget:
            session.event("warning", f"{category.__name__}: {message}", session.place(), category=category.__name__)
        show(message, category, *where, **more)

    warnings.showwarning = showwarning


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m losskit.doctor.probe", description="Run a script and record it.")
    parser.add_argument("--recording", required=True, metavar="OUT.jsonl", help="where the recording goes")
    parser.add_argument("--seed-offset", type=int, metavar="K", help="seed with K, and shift the script's seeds by K")
    parser.add_argument("--watch", choices=("none", "all"), default="all", help="none: only start and end are written")
    parser.add_argument("--untouched", metavar="FOLDER", action="append", default=[], help="nothing in it is changed")
    parser.add_argument("script", metavar="SCRIPT")
    parser.add_argument("arguments", metavar="ARGS", nargs=argparse.REMAINDER)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
