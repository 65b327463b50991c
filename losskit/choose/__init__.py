"""Choosing a loss from facts about the data, with reasons."""

from losskit.choose.advice import Advice, advise

__all__ = ["Advice", "advise"]
