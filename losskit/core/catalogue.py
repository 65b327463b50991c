"""The catalogue: every loss by name, and the search over what they claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from losskit.core.facts import Facts

if TYPE_CHECKING:
    from losskit.core.loss import Loss

catalogue: dict[str, type[Loss]] = {}
aliases: dict[str, type[Loss]] = {}


def register(cls: type[Loss]) -> None:
    """Enter a loss; called once for each class that states a formula."""
    # A class is known by where it was defined: defining it again (a notebook cell run twice) replaces it.
    taken = catalogue.get(cls.__name__) or aliases.get(cls.__name__)
    if taken is not None and (taken.__module__, taken.__qualname__) != (cls.__module__, cls.__qualname__):
        raise TypeError(f"a loss named {cls.__name__} exists already, in {taken.__module__}; choose another name")
    catalogue[cls.__name__] = cls
    for alias in cls.__dict__.get("aliases", ()):
        aliases[alias] = cls


def find(*, task: str | None = None, **facts: Any) -> list[type[Loss]]:
    """The losses, with their default hyper-parameters, that serve a task and claim these facts.

    >>> import losskit
    >>> [loss.__name__ for loss in losskit.find(task="regression", bounded_gradient=True, convex=True, smooth=2)]
    ['LogCosh', 'PseudoHuber', 'Barron']
    """
    known = {*Facts.__dataclass_fields__, "bounded_gradient"}
    unknown = set(facts) - known
    if unknown:
        raise TypeError(f"find: unknown facts {sorted(unknown)}; known: {sorted(known)}")
    return [
        cls
        for cls in catalogue.values()
        if (task is None or task in cls.tasks) and all(_claims(cls, name, value) for name, value in facts.items())
    ]


def _claims(cls: type[Loss], name: str, value: Any) -> bool:
    try:
        claimed = getattr(cls().facts, name)
    except TypeError:  # a hyper-parameter without a default: such a loss claims nothing by itself
        return False
    if name == "smooth":  # at least that many continuous derivatives
        return claimed is not None and claimed >= value
    return claimed == value
