"""Training of PyTorch models on losskit objectives; the history is a Recording."""

from losskit.training.models import MODELS, model
from losskit.training.optimizers import OPTIMIZERS, SCHEDULES, optimizer, schedule
from losskit.training.run import Run, fit

__all__ = ["MODELS", "OPTIMIZERS", "SCHEDULES", "Run", "fit", "model", "optimizer", "schedule"]
