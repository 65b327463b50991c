"""A Python file, its syntax, and small changes of it that leave every other character as it was.

Nodes are libcst's. A change is a span of the text and what comes in its place, so that several changes of one file need
not know of each other, and formatting and comments stay. Positions are those of the text as it was given.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import chain
from typing import Any, TypeVar

import libcst as cst
from libcst.metadata import (
    ByteSpanPositionProvider,
    MetadataWrapper,
    ParentNodeProvider,
    PositionProvider,
    QualifiedNameProvider,
)

Node = TypeVar("Node", bound=cst.CSTNode)

# Where an expression may stand without parentheses, whatever it is.
_BRACKETED = (cst.Arg, cst.Assign, cst.AnnAssign, cst.AugAssign, cst.Return, cst.Expr, cst.Index, cst.Element)
_ATOMIC = (cst.Name, cst.Attribute, cst.Call, cst.Subscript, cst.BaseNumber, cst.BaseString, cst.List, cst.Dict)
_ITEMS = (cst.Arg, cst.Element, cst.DictElement)


class Source:
    """One Python file: questions about its syntax, and changes collected until `text()` is asked for.

    Raises libcst.ParserSyntaxError when the text is not Python.
    """

    def __init__(self, text: str) -> None:
        wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
        providers = (ByteSpanPositionProvider, ParentNodeProvider, PositionProvider, QualifiedNameProvider)
        found = wrapper.resolve_many(providers)
        self.module = wrapper.module
        self._spans: Any = found[ByteSpanPositionProvider]
        self._parents: Any = found[ParentNodeProvider]
        self._positions: Any = found[PositionProvider]
        self._names: Any = found[QualifiedNameProvider]
        self._text = text.encode()
        self._lines = [0, *(match.end() for match in re.finditer(rb"\r\n?|\n", self._text))]
        self._changes: list[tuple[int, int, str]] = []
        self._imports: set[str] = set()

    # --- questions -----------------------------------------------------------------------------------------------

    def nodes(self, kind: type[Node], within: cst.CSTNode | None = None) -> Iterator[Node]:
        """Every node of that kind, in the order of the text (a call before the calls inside it)."""
        collected: list[Node] = []
        (within or self.module).visit(_Collect(lambda node: collected.append(node) if isinstance(node, kind) else None))
        return iter(collected)

    def line(self, node: cst.CSTNode) -> int:
        """The 1-based line on which the node starts."""
        return self._positions[node].start.line

    def last_line(self, node: cst.CSTNode) -> int:
        return self._positions[node].end.line

    def code(self, node: cst.CSTNode) -> str:
        """The node as it is written, without parentheses of its own."""
        start, end = self.span(node)
        return self._text[start:end].decode()

    @cached_property
    def syntax(self) -> ast.Module:
        """The text as it was given, as Python parses it."""
        return ast.parse(self._text.decode())

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Where the node begins and ends, in bytes."""
        span = self._spans[node]
        return span.start, span.start + span.length

    def offset(self, line: int, column: int) -> int:
        """The byte at a line and a column, which is in bytes, too."""
        return self._lines[line - 1] + column

    def parent(self, node: cst.CSTNode) -> cst.CSTNode:
        return self._parents[node]

    def ancestor(self, node: cst.CSTNode, kind: type[Node]) -> Node | None:
        """The nearest node of that kind around this one (itself included)."""
        while not isinstance(node, kind):
            if isinstance(node, cst.Module):
                return None
            node = self._parents[node]
        return node

    def qualified(self, node: cst.CSTNode) -> str | None:
        """The full dotted name of what is named, through the file's imports: ``torch.nn.functional.softmax``."""
        found: Any = self._names.get(node, ())
        found = found() if callable(found) else found  # libcst resolves some of them only when asked
        names = sorted(name.name for name in found)
        return names[0] if names else None

    def callee(self, call: cst.Call) -> str:
        """The last part of the called name as written: ``softmax`` of ``F.softmax(x)`` and of ``x.softmax(-1)``."""
        return last_name(call.func)

    def calls(self, *names: str) -> list[cst.Call]:
        """Every call of something with one of these last names (imported under another name too)."""
        return [call for call in self.nodes(cst.Call) if not names or self._is(call, names)]

    def call(self, line: int, *names: str) -> cst.Call | None:
        """The call at that line, of one of `names` when given: one that starts there before one that reaches over it,
        the outer one before the inner."""
        calls = self.calls(*names)
        starting = (call for call in calls if self.line(call) == line)
        over = (call for call in reversed(calls) if self.line(call) <= line <= self.last_line(call))
        return next(chain(starting, over), None)

    def argument(self, call: cst.Call, keyword: str, position: int | None = None) -> cst.Arg | None:
        """The argument given by that name, or (when `position` is given) at that place."""
        for arg in call.args:
            if arg.keyword is not None and arg.keyword.value == keyword:
                return arg
        plain = [arg for arg in call.args if arg.keyword is None]
        if position is None or position >= len(plain) or any(arg.star for arg in plain[: position + 1]):
            return None
        return plain[position]

    def statement(self, line: int) -> cst.BaseStatement | None:
        """The innermost statement that reaches over that line (of a compound one: the whole of it)."""
        kinds = (cst.SimpleStatementLine, cst.BaseCompoundStatement)
        over = [node for node in self.nodes(cst.BaseStatement) if isinstance(node, kinds) and self._reaches(node, line)]
        return over[-1] if over else None

    def imports(self) -> Iterator[tuple[str, str]]:
        """(name in this file, full name) of every import at the top of the file."""
        for statement in self.module.body:
            for node in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
                if isinstance(node, (cst.Import, cst.ImportFrom)) and not isinstance(node.names, cst.ImportStar):
                    for alias in node.names:
                        yield _bound(node, alias)

    # --- changes -------------------------------------------------------------------------------------------------

    def replace(self, node: cst.CSTNode, code: str) -> None:
        """Write `code` where the node is."""
        start, end = self.span(node)
        self._change(start, end, code)

    def wrap(self, node: cst.CSTNode, before: str, after: str) -> None:
        """Write something before and after the node."""
        start, end = self.span(node)
        self._change(start, start, before)
        self._change(end, end, after)

    def unwrap(self, call: cst.Call) -> None:
        """Leave of a call only what it was applied to: ``F.softmax(x, dim=1)`` → ``x``, ``x.softmax(-1)`` → ``x``.

        A statement that would then say ``x = x`` goes away.
        """
        inner = self.applied_to(call)
        if inner is None:
            raise ValueError(f"expected a call with something to leave in its place, got {self.code(call)!r}")
        assign = self.parent(call)
        if isinstance(assign, cst.Assign) and [self.code(to.target) for to in assign.targets] == [self.code(inner)]:
            self.remove_statement(assign)
            return
        start, end = self.span(call)
        inner_start, inner_end = self.span(inner)
        bare = isinstance(inner, _ATOMIC) or isinstance(self.parent(call), _BRACKETED)
        self._change(start, inner_start, "" if bare else "(")
        self._change(inner_end, end, "" if bare else ")")

    def applied_to(self, call: cst.Call) -> cst.BaseExpression | None:
        """The tensor a function is applied to: the receiver of a method of a value, else the first argument."""
        func = call.func
        if isinstance(func, cst.Attribute) and not self._is_path(func.value):
            return func.value
        first = self.argument(call, "input", 0)
        return first.value if first is not None else None

    def rename(self, call: cst.Call, name: str) -> None:
        """Call `name` of the same module instead: ``nn.BCELoss(…)`` → ``nn.BCEWithLogitsLoss(…)``."""
        if isinstance(call.func, cst.Attribute):
            self.replace(call.func.attr, name)
        else:
            module = (self.qualified(call.func) or name).rpartition(".")[0]
            self.replace(call.func, self.spell(f"{module}.{name}"))

    def set_argument(self, call: cst.Call, keyword: str, code: str, position: int | None = None) -> None:
        """Give the argument this value; add it as a keyword when the call has none."""
        arg = self.argument(call, keyword, position)
        if arg is not None:
            self.replace(arg.value, code)
            return
        given = f"{keyword}={code}"
        if call.args:
            end = self.span(call.args[-1])[1]
            self._change(end, end, f", {given}")
        else:
            end = self.span(call)[1] - 1
            self._change(end, end, given)

    def remove_item(self, item: cst.CSTNode) -> None:
        """Take an argument or an element out of its call, list or dict; with its line when it stands alone there."""
        parent = self.parent(item)
        items = [child for child in parent.children if isinstance(child, _ITEMS)]
        index = items.index(item)  # type: ignore[arg-type]
        start, end = self.span(item)
        first, last = self._lines[self.line(item) - 1], self._line_end(self.last_line(item))
        before, after = self._text[first:start].decode(), self._text[end:last].decode()
        if not before.strip() and re.fullmatch(r"\s*,?\s*(#.*)?\s*", after):
            self._change(first, last, "")
        elif index + 1 < len(items):
            self._change(start, self.span(items[index + 1])[0], "")
        elif index > 0:
            self._change(self.span(items[index - 1])[1], end, "")
        else:
            self._change(start, end, "")

    def remove_statement(self, node: cst.CSTNode) -> None:
        """Take the statement that holds the node out, with its line; a block it leaves empty gets ``pass``."""
        line = self.ancestor(node, cst.SimpleStatementLine)
        block = self.parent(line) if line is not None else None
        if line is None or len(line.body) > 1 or (isinstance(block, cst.IndentedBlock) and len(block.body) == 1):
            small = self.ancestor(node, cst.BaseSmallStatement)
            if small is None:
                raise ValueError(f"expected a node inside a simple statement, got {self.code(node)!r}")
            self.replace(small, "pass")
            return
        self._change(self._lines[self.line(line) - 1], self._line_end(self.last_line(line)), "")

    def insert_before(self, line: int, code: str) -> None:
        """Write a statement before the one at that line, with its indentation."""
        self._insert(self.line(self._statement(line)), line, code)

    def insert_after(self, line: int, code: str) -> None:
        """Write a statement after the (simple) one at that line, with its indentation."""
        self._insert(self.last_line(self._statement(line)) + 1, line, code)

    def spell(self, qualified: str) -> str:
        """How the file can say ``torch.nn.Softmax``: through an import it has, else through one that is added."""
        best: tuple[str, str] | None = None
        for bound, full in self.imports():
            if (qualified == full or qualified.startswith(full + ".")) and (best is None or len(full) > len(best[1])):
                best = (bound, full)
        if best is not None:
            return best[0] + qualified[len(best[1]) :]
        module, _, name = qualified.rpartition(".")
        self.add_import(f"from {module} import {name}" if module else f"import {name}")
        return name

    def add_import(self, statement: str) -> None:
        """Write an import after the last one at the top of the file (once)."""
        if statement in self._imports:
            return
        self._imports.add(statement)
        statements = [node for node in self.module.body if isinstance(node, cst.SimpleStatementLine)]
        imports = [node for node in statements if isinstance(node.body[0], (cst.Import, cst.ImportFrom))]
        docstring = statements[:1] if self.module.get_docstring() is not None else []
        at = max((self._line_end(self.last_line(node)) for node in docstring + imports), default=0)
        self._change(at, at, statement + self._newline())

    def text(self) -> str:
        """The text with every change made. What is taken out twice is taken out once."""
        pieces, done, taken_out = [], 0, False
        for start, end, code in sorted(self._changes, key=lambda change: change[:2]):
            if start < done and (code or not taken_out):
                raise ValueError(f"expected changes that do not overlap, got two at byte {start} ({code!r})")
            pieces += [self._text[done:start], code.encode()]
            done, taken_out = max(done, end), not code
        return b"".join([*pieces, self._text[done:]]).decode()

    # --- inside --------------------------------------------------------------------------------------------------

    def _change(self, start: int, end: int, code: str) -> None:
        self._changes.append((start, end, code))

    def _line_end(self, line: int) -> int:
        """The offset behind that line's end."""
        return self._lines[line] if line < len(self._lines) else len(self._text)

    def _newline(self) -> str:
        return "\r\n" if b"\r\n" in self._text else "\n"

    def _reaches(self, node: cst.CSTNode, line: int) -> bool:
        return self.line(node) <= line <= self.last_line(node)

    def _statement(self, line: int) -> cst.BaseStatement:
        statement = self.statement(line)
        if statement is None:
            raise ValueError(f"expected a line with a statement, got line {line}")
        return statement

    def _insert(self, before: int, line: int, code: str) -> None:
        start = self._lines[self.line(self._statement(line)) - 1]
        text = self._text[start:].decode()
        indent = text[: len(text) - len(text.lstrip(" \t"))]
        at = self._line_end(before - 1)
        missing = "" if at == 0 or self._text[at - 1 : at] in (b"\n", b"\r") else self._newline()
        lines = (indent + part + self._newline() for part in code.splitlines())
        self._change(at, at, missing + "".join(lines))

    def _is(self, call: cst.Call, names: tuple[str, ...]) -> bool:
        return self.callee(call) in names or (self.qualified(call.func) or "").rpartition(".")[2] in names

    def _is_path(self, node: cst.BaseExpression) -> bool:
        """Whether an expression names a module or an object (``F``, ``torch.nn``, ``self``), not a tensor."""
        if isinstance(node, cst.Name):
            return node.value == "self" or any(bound == node.value for bound, _ in self.imports())
        return isinstance(node, cst.Attribute) and self._is_path(node.value)


class _Collect(cst.CSTVisitor):
    def __init__(self, look: Callable[[cst.CSTNode], None]) -> None:
        self._look = look

    def on_visit(self, node: cst.CSTNode) -> bool:
        self._look(node)
        return True


def last_name(node: cst.BaseExpression) -> str:
    """``c`` of ``a.b.c``, the name of a name, "" of anything else."""
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


def dotted(node: cst.BaseExpression) -> str:
    """``a.b.c`` as text; "" for what is not a chain of names."""
    if isinstance(node, cst.Attribute):
        head = dotted(node.value)
        return f"{head}.{node.attr.value}" if head else ""
    return node.value if isinstance(node, cst.Name) else ""


def _bound(node: cst.Import | cst.ImportFrom, alias: cst.ImportAlias) -> tuple[str, str]:
    name = dotted(alias.name)
    full = f"{dotted(node.module)}.{name}" if isinstance(node, cst.ImportFrom) and node.module else name
    if alias.asname is not None:
        return last_name(alias.asname.name), full  # type: ignore[arg-type]
    if isinstance(node, cst.Import):  # `import torch.nn` binds torch
        return full.partition(".")[0], full.partition(".")[0]
    return name, full


def parenthesized(code: str, node: cst.BaseExpression) -> str:
    """The code of an expression so that ``.method()`` may follow it."""
    return code if isinstance(node, _ATOMIC) and not isinstance(node, cst.BaseNumber) else f"({code})"


__all__ = ["Source", "dotted", "last_name", "parenthesized"]
