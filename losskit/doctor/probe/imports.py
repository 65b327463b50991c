"""Hooks on the frameworks, set when the script itself imports them: nothing is imported that the script does not."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class AfterImport(MetaPathFinder):
    """Calls `actions[name]()` once, right after the module of that name has been imported by somebody."""

    def __init__(self, actions: dict[str, Callable[[], None]]) -> None:
        self._waiting = {name: action for name, action in actions.items() if name not in sys.modules}
        for name, action in actions.items():
            if name in sys.modules:
                action()
        self._asking: set[str] = set()
        sys.meta_path.insert(0, self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in self._waiting or fullname in self._asking:
            return None
        self._asking.add(fullname)
        try:
            spec = importlib.util.find_spec(fullname)  # by the other finders
        finally:
            self._asking.remove(fullname)
        loader = None if spec is None else spec.loader
        if loader is None:
            return spec
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            # Only now the module is imported: who asks for a spec may only want to know whether it could be.
            vars(loader).pop("exec_module", None)  # the loader stays what it was
            execute(module)
            action = self._waiting.pop(fullname, None)
            if action is not None:
                action()

        loader.exec_module = exec_module
        return spec


__all__ = ["AfterImport"]
