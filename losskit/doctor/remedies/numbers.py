"""Formulas in the source that leave the finite numbers, written so that they do not."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from losskit.doctor.remedies.source import Source, parenthesized

SMALLEST = "1e-7"  # the spacing of float32 below 1: log(1 − p) and log(p) stay finite
INSIDE_ROOT = "1e-12"  # its root, 1e-6, is small against any distance of interest; its slope, 5e5, is finite
DIVISOR = "1e-8"  # PyTorch's own, in cosine_similarity
ANGLE = "1e-6"  # √(2 · 1e-6) = 0.001 rad; the slope of acos there is 700
EXPONENT = "80.0"  # exp overflows float32 at 88.7

_LOGARITHMS = ("log", "log2", "log10")
_SAFE = ("clamp", "clamp_min", "clip", "maximum", "clip_by_value", "exp")  # functions that keep from 0 what they give


def stable_logarithms(text: str) -> str | None:
    """``log(sigmoid(x))``, ``log(softmax(x))`` and ``log(sum(exp(x)))`` in one function; the argument of any other
    logarithm bounded from below. None when there is nothing to change."""
    tree = Source(text)
    changed = False
    for call in tree.calls(*_LOGARITHMS):
        inner = tree.applied_to(call)
        if inner is None or (tree.qualified(call.func) or "").startswith(("math.", "numpy.")):
            continue
        code = _in_one(tree, inner) if tree.callee(call) == "log" else None
        if code is not None:
            tree.replace(call, code)
        elif not _is_safe(tree, inner):
            tree.replace(inner, _at_least(tree, call, inner))
        else:
            continue
        changed = True
    return tree.text() if changed else None


def stable_exponentials(text: str) -> str | None:
    """``1 / (1 + exp(-x))`` and ``log(1 + exp(x))`` as the functions they are; of a softmax by hand the largest score
    subtracted first. None when there is nothing to change."""
    tree = Source(text)
    changed = False
    for quotient in tree.nodes(cst.BinaryOperation):
        if isinstance(quotient.operator, cst.Divide) and tree.code(quotient.left) in ("1", "1.0"):
            power = _one_plus_exponential(tree, quotient.right)
            if isinstance(power, cst.UnaryOperation) and isinstance(power.operator, cst.Minus):
                tree.replace(quotient, f"{_name(tree, 'sigmoid')}({tree.code(power.expression)})")
                return tree.text()
    for call in tree.calls("log", "log1p"):
        inner = tree.applied_to(call)
        if inner is None:
            continue
        one_more = tree.callee(call) == "log1p"
        power = _applied(tree, inner, "exp") if one_more else _one_plus_exponential(tree, inner)
        if power is not None:
            tree.replace(call, f"{_name(tree, 'softplus')}({tree.code(power)})")
            changed = True
    if changed:
        return tree.text()
    scores = [(call, tree.applied_to(call)) for call in tree.calls("exp")]
    scores = [(call, inner) for call, inner in scores if inner is not None and not _is_python(tree, call)]
    if len(scores) != 1 or scores[0][1] is None:
        return None
    inner = scores[0][1]
    code = tree.code(inner)
    largest = (
        f"{_name(tree, 'max')}({code}, axis=-1, keepdims=True)"
        if _is_keras(tree)
        else f"{parenthesized(code, inner)}.amax(-1, keepdim=True)"
    )
    tree.replace(inner, f"({code} - {largest})")
    return tree.text()


def with_safe_argument(text: str, line: int, operation: str) -> str | None:
    """The operation at that line kept away from the edge of where it, or its slope, is finite."""
    tree = Source(text)
    changes = {
        "sqrt": _roots,
        "pow": _roots,
        "rsqrt": _roots,
        "acos": _angles,
        "asin": _angles,
        "div": _divisors,
        "reciprocal": _divisors,
        "exp": _exponents,
        "hypot": _hypotenuses,
    }
    change = changes.get(operation)
    if change is None or not any([tree.replace(node, code) or True for node, code in change(tree, line)]):
        return None
    return tree.text()


# --- one operation each: what is to be replaced by what --------------------------------------------------------------


def _roots(tree: Source, line: int) -> Iterator[tuple[cst.CSTNode, str]]:
    for call in _at(tree, line, "sqrt", "rsqrt", "pow", "power"):
        inner = tree.applied_to(call)
        if inner is not None:
            yield inner, _added(tree, call, inner, INSIDE_ROOT)
    for power in _binary(tree, line, cst.Power):
        if tree.code(power.right) in ("0.5", "(1/2)", "(1 / 2)"):
            yield power.left, f"({tree.code(power.left)} + {INSIDE_ROOT})"


def _angles(tree: Source, line: int) -> Iterator[tuple[cst.CSTNode, str]]:
    for call in _at(tree, line, "acos", "asin", "arccos", "arcsin"):
        inner = tree.applied_to(call)
        if inner is None:
            continue
        bounds = f"-1 + {ANGLE}, 1 - {ANGLE}"
        if _is_keras(tree):
            yield inner, f"{_name(tree, 'clip')}({tree.code(inner)}, {bounds})"
        else:
            yield inner, f"{parenthesized(tree.code(inner), inner)}.clamp({bounds})"


def _divisors(tree: Source, line: int) -> Iterator[tuple[cst.CSTNode, str]]:
    for quotient in _binary(tree, line, cst.Divide):
        count = isinstance(quotient.right, cst.BaseNumber) or _applied(tree, quotient.right, "len") is not None
        if not count:
            yield quotient.right, f"({tree.code(quotient.right)} + {DIVISOR})"
            return
    for call in _at(tree, line, "div", "divide", "true_divide"):
        divisor = call.args[-1].value
        yield divisor, f"{tree.code(divisor)} + {DIVISOR}"


def _exponents(tree: Source, line: int) -> Iterator[tuple[cst.CSTNode, str]]:
    for call in _at(tree, line, "exp"):
        inner = tree.applied_to(call)
        if inner is None:
            continue
        if _is_keras(tree):
            yield inner, f"{_name(tree, 'minimum')}({tree.code(inner)}, {EXPONENT})"
        else:
            yield inner, f"{parenthesized(tree.code(inner), inner)}.clamp(max={EXPONENT})"


def _hypotenuses(tree: Source, line: int) -> Iterator[tuple[cst.CSTNode, str]]:
    for call in _at(tree, line, "hypot"):
        if len(call.args) == 2 and isinstance(call.func, cst.Attribute):
            first, second = (tree.code(arg.value) for arg in call.args)
            module = tree.code(call.func.value)
            yield call, f"{module}.sqrt(({first}) ** 2 + ({second}) ** 2 + {INSIDE_ROOT})"


# --- inside ----------------------------------------------------------------------------------------------------------


def _at(tree: Source, line: int, *names: str) -> list[cst.Call]:
    calls = [call for call in tree.calls(*names) if not _is_python(tree, call)]
    return [call for call in calls if tree.line(call) <= line <= tree.last_line(call)]


def _binary(tree: Source, line: int, operator: type[cst.BaseBinaryOp]) -> Iterator[cst.BinaryOperation]:
    """The operations with that operator at the line, outer ones first."""
    for node in tree.nodes(cst.BinaryOperation):
        if isinstance(node.operator, operator) and tree.line(node) <= line <= tree.last_line(node):
            yield node


def _in_one(tree: Source, inner: cst.BaseExpression) -> str | None:
    """The logarithm of this as one function; None when there is none."""
    if isinstance(inner, cst.BinaryOperation) and isinstance(inner.operator, cst.Subtract):
        logits = _applied(tree, inner.right, "sigmoid") if tree.code(inner.left) in ("1", "1.0") else None
        return None if logits is None else f"{_name(tree, 'logsigmoid')}(-{parenthesized(tree.code(logits), logits)})"
    if not isinstance(inner, cst.Call):
        return None
    argument = tree.applied_to(inner)
    if argument is None:
        return None
    rest = [tree.code(arg) for arg in inner.args if arg.value is not argument]
    name = {"softmax": "log_softmax", "sigmoid": "logsigmoid"}.get(tree.callee(inner))
    if name is not None:
        return f"{_name(tree, name)}({', '.join([tree.code(argument), *rest])})"
    scores = _applied(tree, argument, "exp") if tree.callee(inner) == "sum" and rest else None
    return None if scores is None else f"{_name(tree, 'logsumexp')}({', '.join([tree.code(scores), *rest])})"


def _applied(tree: Source, node: cst.BaseExpression, function: str) -> cst.BaseExpression | None:
    """What that function is applied to here; None where it is not called."""
    return tree.applied_to(node) if isinstance(node, cst.Call) and tree.callee(node) == function else None


def _at_least(tree: Source, call: cst.Call, inner: cst.BaseExpression) -> str:
    code = tree.code(inner)
    if _is_keras(tree):
        return f"{_name(tree, 'maximum')}({code}, {SMALLEST})"
    return f"{parenthesized(code, inner)}.clamp(min={SMALLEST})"


def _is_safe(tree: Source, inner: cst.BaseExpression) -> bool:
    """Whether this is bounded from below already, or no tensor of the model's."""
    if isinstance(inner, cst.BaseNumber):
        return True
    return isinstance(inner, cst.Call) and tree.callee(inner) in _SAFE


def _added(tree: Source, call: cst.Call, inner: cst.BaseExpression, number: str) -> str:
    """The argument plus a number, in parentheses when a method is called on it."""
    sum_ = f"{tree.code(inner)} + {number}"
    return f"({sum_})" if isinstance(call.func, cst.Attribute) and call.func.value is inner else sum_


def _one_plus_exponential(tree: Source, node: cst.BaseExpression) -> cst.BaseExpression | None:
    """``x`` of ``1 + exp(x)``."""
    if not isinstance(node, cst.BinaryOperation) or not isinstance(node.operator, cst.Add):
        return None
    sides = (node.left, node.right) if tree.code(node.left) in ("1", "1.0") else (node.right, node.left)
    return _applied(tree, sides[1], "exp") if tree.code(sides[0]) in ("1", "1.0") else None


def _is_python(tree: Source, call: cst.Call) -> bool:
    return (tree.qualified(call.func) or "").startswith(("math.", "numpy."))


def _is_keras(tree: Source) -> bool:
    names = [full.partition(".")[0] for _, full in tree.imports()]
    return "torch" not in names and ("keras" in names or "tensorflow" in names)


def _name(tree: Source, function: str) -> str:
    """How the file can call this function of its framework."""
    if not _is_keras(tree):
        module = "torch" if function in ("sigmoid", "logsumexp") else "torch.nn.functional"
        return tree.spell(f"{module}.{function}")
    if any(full.partition(".")[0] == "keras" for _, full in tree.imports()):
        keras = {"logsigmoid": "log_sigmoid"}.get(function, function)
        return tree.spell(f"keras.ops.{keras}")
    own = {"logsigmoid": "math.log_sigmoid", "log_softmax": "nn.log_softmax", "sigmoid": "math.sigmoid"}
    own |= {"softplus": "math.softplus", "logsumexp": "math.reduce_logsumexp", "max": "reduce_max"}
    own |= {"clip": "clip_by_value"}
    return tree.spell(f"tensorflow.{own.get(function, function)}")
