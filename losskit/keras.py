"""`losskit.keras`: losskit in Keras 3."""

from losskit.frameworks.keras import KerasLoss, wrap

__all__ = ["KerasLoss", "wrap"]
