"""Learning from preferences: which of two answers people like better, or whether they like an answer.

Inputs are log-probabilities of whole answers: sums of the log-probabilities of their tokens, or means where a loss says
so. Values are per pair, or per answer where a loss is unpaired.
"""

from losskit.losses.preference.pairs import (
    AnchoredPreferenceOptimization,
    DirectPreferenceOptimization,
    DiscoveredPreferenceOptimization,
    EfficientExactOptimization,
    IdentityPreferenceOptimization,
    NoiseContrastiveAlignment,
    RobustDirectPreferenceOptimization,
    SelfPlayPreferenceOptimization,
    SequenceLikelihoodCalibration,
)
from losskit.losses.preference.reference_free import (
    BradleyTerry,
    ContrastivePreferenceOptimization,
    OddsRatioPreferenceOptimization,
    SimplePreferenceOptimization,
)
from losskit.losses.preference.unpaired import BinaryClassifierOptimization, KahnemanTverskyOptimization

__all__ = [
    "AnchoredPreferenceOptimization",
    "BinaryClassifierOptimization",
    "BradleyTerry",
    "ContrastivePreferenceOptimization",
    "DirectPreferenceOptimization",
    "DiscoveredPreferenceOptimization",
    "EfficientExactOptimization",
    "IdentityPreferenceOptimization",
    "KahnemanTverskyOptimization",
    "NoiseContrastiveAlignment",
    "OddsRatioPreferenceOptimization",
    "RobustDirectPreferenceOptimization",
    "SelfPlayPreferenceOptimization",
    "SequenceLikelihoodCalibration",
    "SimplePreferenceOptimization",
]
