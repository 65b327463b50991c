"""HTML that is escaped by construction: a string is text, and only an element makes markup of it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import TypeAlias

_VOID = frozenset({"br", "hr", "input", "meta", "path", "rect", "line"})  # the SVG shapes close themselves
_RAW = frozenset({"script", "style"})
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
# What a terminal or a bidirectional override would act on: shown as text instead, so that nothing is hidden.
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


class Markup(str):
    """Text that is HTML already. Every operation on it but `element` gives a plain str, which is escaped again."""

    __slots__ = ()


Child: TypeAlias = "str | int | Iterable[Child] | None"


def escape(text: str) -> str:
    """The text for content and for double-quoted attributes; control characters become visible, as `\\x1b`."""
    return html.escape(_INVISIBLE.sub(lambda found: repr(found[0])[1:-1], text), quote=True)


def element(tag: str, /, *children: Child, **attributes: str | int | float | bool | None) -> Markup:
    """One element. Strings are escaped, None is nothing, iterables are flattened.

    Attribute names: a trailing underscore is dropped (`class_`), inner ones become hyphens (`aria_label`).
    An attribute that is True stands bare; None or False leaves it out.
    Raises ValueError for script, style and event attributes: no text of a user has a way into them.
    """
    if tag in _RAW or not _NAME.fullmatch(tag):
        raise ValueError(f"expected the name of an element other than script and style, got {tag!r}")
    opening = [tag]
    for key, value in attributes.items():
        name = key.rstrip("_").replace("_", "-")
        if name.lower().startswith("on") or not _NAME.fullmatch(name):
            raise ValueError(f"expected the name of an attribute that runs no script, got {name!r}")
        if value is not None and value is not False:
            opening.append(name if value is True else f'{name}="{escape(str(value))}"')
    start = " ".join(opening)
    if tag in _VOID:
        if children:
            raise ValueError(f"<{tag}> holds nothing, got {children!r}")
        return Markup(f"<{start}/>")
    return Markup(f"<{start}>{join(children)}</{tag}>")


def join(children: Child) -> Markup:
    """Children side by side, escaped unless they are markup."""
    if children is None:
        return Markup()
    if isinstance(children, Markup):
        return children
    if isinstance(children, (str, int)):
        return Markup(escape(str(children)))
    return Markup("".join(join(child) for child in children))


def prose(text: str) -> Markup:
    """A sentence of ours or of a rule, in which `backticks` mark code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # an unpaired backtick is just a character
        return join(text)
    return join(element("code", part) if index % 2 else part for index, part in enumerate(parts))


def clip(text: str, limit: int) -> str:
    """At most `limit` characters; a longer text ends in an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
