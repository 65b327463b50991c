"""Regression by likelihood: the negative log-density of the target under a predicted distribution, in nats.

All are complete: no constant is dropped, so values of different distributions compare. (Tweedie's density has no closed
form: it is the exception.)
"""

from losskit.losses.likelihood import counts, positive, real_line, unit_interval
from losskit.losses.likelihood.counts import *
from losskit.losses.likelihood.positive import *
from losskit.losses.likelihood.real_line import *
from losskit.losses.likelihood.unit_interval import *

__all__ = [  # pyright: ignore[reportUnsupportedDunderAll]
    *counts.__all__,
    *positive.__all__,
    *real_line.__all__,
    *unit_interval.__all__,
]
