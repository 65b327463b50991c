"""Numbers for people: three significant digits, thousands separated, no unit prefixes."""

from __future__ import annotations

import math


def number(value: float | int | None, digits: int = 3) -> str:
    """1234.5 → 1,234; 0.97412 → 0.974; 1.2e-07 → 1.2e−7; None → –."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return _minus(f"{value:,}") if abs(value) < 10**15 else number(float(value), digits)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:  # minus zero too
        return "0"
    magnitude = abs(value)
    if not 1e-4 <= magnitude < 1e6:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        return _minus(f"{_trim(mantissa)}e{int(exponent)}")
    if magnitude >= 10 ** (digits - 1):
        return _minus(f"{value:,.0f}")
    return _minus(_trim(f"{value:#.{digits}g}"))


def percent(share: float) -> str:
    """0.0123 → 1.2 %."""
    return f"{number(100 * share, 2 if share < 0.1 else 3)} %"


def seconds(value: float) -> str:
    """0.84 → 0.84 s; 75 → 1 min 15 s; 7260 → 2 h 1 min."""
    if value < 60:
        return f"{number(float(value))} s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def count(value: int, noun: str) -> str:
    """1 → 1 seed; 3 → 3 seeds; 2 → 2 passes."""
    plural = noun + ("es" if noun.endswith("s") else "s")
    return f"{value:,} {noun if value == 1 else plural}"


def _trim(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")
