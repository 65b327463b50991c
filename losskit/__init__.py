"""losskit: a proven catalogue of losses for every framework, and a doctor for training runs."""

__version__ = "0.1.0"
