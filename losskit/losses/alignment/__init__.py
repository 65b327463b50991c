"""Sequences of different lengths: losses that sum over, or soften the least of, all ways to align them."""

from losskit.losses.alignment.transcription import ConnectionistTemporalClassification, Transducer
from losskit.losses.alignment.warping import SoftDynamicTimeWarping

__all__ = ["ConnectionistTemporalClassification", "SoftDynamicTimeWarping", "Transducer"]
