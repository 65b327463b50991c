"""The catalogue: every loss by name, and the search over what they claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from losskit.core.domain import NAMED, Domain
from losskit.core.facts import Facts

if TYPE_CHECKING:
    from losskit.core.loss import Loss

catalogue: dict[str, type[Loss]] = {}
aliases: dict[str, type[Loss]] = {}


def register(cls: type[Loss]) -> None:
    """Enter a loss; called once for each class that states a formula."""
    # A class is known by where it was defined: defining it again (a notebook cell run twice) replaces it.
    also = cls.__dict__.get("aliases", ())
    for name in (cls.__name__, *also):
        taken = catalogue.get(name) or aliases.get(name)
        if taken is not None and (taken.__module__, taken.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"a loss named {name} exists already, in {taken.__module__}; choose another name")
    catalogue[cls.__name__] = cls
    aliases.update(dict.fromkeys(also, cls))


def find(
    *,
    task: str | None = None,
    family: str | None = None,
    kind: str | None = None,
    domain: str | None = None,
    **facts: Any,
) -> list[type[Loss]]:
    """The losses, with their default hyper-parameters, that serve a task and claim these facts.

    family: the file or folder of losskit.losses that a loss is in ("robust", "margin").
    kind: what one value depends on ("elementwise", "classwise", "rowwise", "batchwise", "structured").
    domain: what one of its inputs may hold ("counts", "probability", "signs", …).
    Facts: a field of losskit.Facts, or bounded_gradient; smooth=1 means at least that smooth.
    TypeError for a fact that there is not, ValueError for such a kind or domain.

    >>> import losskit
    >>> [loss.__name__ for loss in losskit.find(family="robust", bounded_gradient=True, convex=True, smooth=2)]
    ['Barron', 'Fair']
    >>> losskit.find(domain="counts", kind="elementwise")[0].__name__
    'PoissonNegativeLogLikelihood'
    """
    known = {*Facts.__dataclass_fields__, "bounded_gradient"}
    unknown = set(facts) - known
    if unknown:
        raise TypeError(f"find: unknown facts {sorted(unknown)}; known: {sorted(known)}")
    if domain is not None and domain not in NAMED:
        raise ValueError(f"domain: expected one of {', '.join(NAMED)}, got {domain!r}")
    kinds = sorted({cls.kind for cls in catalogue.values()})
    if kind is not None and kind not in kinds:
        raise ValueError(f"kind: expected one of {', '.join(kinds)}, got {kind!r}")
    return [
        cls
        for cls in catalogue.values()
        if (task is None or task in cls.tasks)
        and (family is None or family == family_of(cls))
        and (kind is None or kind == cls.kind)
        and (domain is None or _holds(cls, NAMED[domain]))
        and all(_claims(cls, name, value) for name, value in facts.items())
    ]


def family_of(cls: type[Loss]) -> str:
    """The file or folder of losskit.losses that a loss is in; of a user's own, its module."""
    prefix = "losskit.losses."
    module = cls.__module__
    return module.removeprefix(prefix).partition(".")[0] if module.startswith(prefix) else module


def default(cls: type[Loss]) -> Loss | None:
    """The loss with its default hyper-parameters; None where one has no default."""
    try:
        return cls()
    except TypeError:
        return None


def _holds(cls: type[Loss], domain: Domain) -> bool:
    loss = default(cls)
    return loss is not None and any(loss.domain(name) == domain for name in cls.inputs)


def _claims(cls: type[Loss], name: str, value: Any) -> bool:
    loss = default(cls)
    if loss is None:  # such a loss claims nothing by itself
        return False
    claimed = getattr(loss.facts, name)
    if name == "smooth":  # at least that many continuous derivatives
        return claimed is not None and claimed >= value
    return claimed == value
