"""Which of a script's `with torch.no_grad()` and `model.eval()` may begin an evaluation pass, and which shall be heard.

A guard is told by the instruction that enters it. Most are entered once per epoch, and each pass they begin is heard.
One that is entered as often as steps are made is another matter: it may surround the validation of a run whose epochs
are single steps, of which the budget decides how many are heard, or an average of weights, which evaluates nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import CodeType, FrameType

from losskit.doctor.probe.session import WARM_UP, Allowance, Session

PART = 1 / 2  # of the budget may go to evaluation passes
OFTEN = 1 / 2  # passes per step from which on not all of them are heard


@dataclass
class Guard:
    """How often it was entered, and whether anything was evaluated inside."""

    entered: int = 0
    heard: int = 0
    evaluates: bool = False


class Guards:
    """All guards of a script."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[tuple[CodeType, int], Guard | None] = {}  # None: not the user's code
        self._allowance = Allowance(session.budget, PART)
        self._open: Guard | None = None  # the one whose pass is heard

    def heard(self, frame: FrameType) -> bool:
        """Whether the pass that this frame may begin shall be heard."""
        code = frame.f_code
        if code.co_name == "decorate_context":  # the guard is used as a decorator
            code = getattr(frame.f_locals.get("func"), "__code__", code)
        where = code, frame.f_lasti
        try:
            guard = self._known[where]
        except KeyError:
            guard = self._known[where] = Guard() if self._session.places.is_users(code) else None
        if guard is None:
            return False
        guard.entered += 1
        if guard.entered > WARM_UP and guard.entered > OFTEN * self._session.step and not self._session.in_trial:
            if guard.heard >= WARM_UP and not guard.evaluates:
                return False
            if not self._allowance.due(guard.entered):
                return False
            self._allowance.begin(guard.entered)
        guard.heard += 1
        self._open = guard
        return True

    def end_pass(self, evaluated: bool) -> None:
        """The pass that was heard is over; whether anything was evaluated in it."""
        if self._open is not None:
            self._open.evaluates |= evaluated
            self._open = None
        self._allowance.end()


__all__ = ["Guards"]
