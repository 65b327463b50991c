"""What losskit raises for input that cannot be right. All are ValueErrors, so that plain code catches them."""


class LosskitError(ValueError):
    """The base of losskit's own errors."""


class ShapeError(LosskitError):
    """Shapes that do not fit: nothing is broadcast silently."""


class DomainError(LosskitError):
    """A value outside the declared domain of an argument."""


class ReductionError(LosskitError):
    """A reduction that has no meaning for this loss, or an unknown one."""


class EmptyReductionError(LosskitError):
    """Nothing left to average: every entry is masked or has weight zero, and empty="raise" was asked for."""
