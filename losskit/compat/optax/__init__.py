"""`losskit.compat.optax`: optax's losses under their own names, run by losskit's formulas in JAX.

Every name has optax's signature, defaults and conventions, and `fixed=True` for losskit's instead. optax itself is not
needed. Not here: ctc_loss_with_forward_probs, since the catalogue's CTC keeps no probabilities of beginnings,
make_fenchel_young_loss and smooth_labels, which are no losses, and names that optax has deprecated.

>>> import jax.numpy as jnp
>>> from losskit.compat.optax import log_cosh
>>> round(float(log_cosh(jnp.array(1e-4))), 12)  # optax has 0
5e-09
"""

from losskit.compat.optax.alignment import ctc_loss
from losskit.compat.optax.classification import (
    generalized_kl_divergence,
    kl_divergence,
    kl_divergence_with_log_targets,
    poly_loss_cross_entropy,
    safe_softmax_cross_entropy,
    sigmoid_binary_cross_entropy,
    sigmoid_focal_loss,
    softmax_cross_entropy,
    softmax_cross_entropy_with_integer_labels,
)
from losskit.compat.optax.embedding import (
    ntxent,
    ranking_softmax_loss,
    triplet_margin_loss,
)
from losskit.compat.optax.margin import (
    hinge_loss,
    multiclass_hinge_loss,
    multiclass_perceptron_loss,
    multiclass_sparsemax_loss,
    perceptron_loss,
    sparsemax_loss,
)
from losskit.compat.optax.regression import (
    cosine_distance,
    cosine_similarity,
    huber_loss,
    l2_loss,
    log_cosh,
    squared_error,
)
from losskit.compat.optax.segmentation import (
    binary_dice_loss,
    dice_loss,
    multiclass_generalized_dice_loss,
)

__all__ = [
    "binary_dice_loss",
    "cosine_distance",
    "cosine_similarity",
    "ctc_loss",
    "dice_loss",
    "generalized_kl_divergence",
    "hinge_loss",
    "huber_loss",
    "kl_divergence",
    "kl_divergence_with_log_targets",
    "l2_loss",
    "log_cosh",
    "multiclass_generalized_dice_loss",
    "multiclass_hinge_loss",
    "multiclass_perceptron_loss",
    "multiclass_sparsemax_loss",
    "ntxent",
    "perceptron_loss",
    "poly_loss_cross_entropy",
    "ranking_softmax_loss",
    "safe_softmax_cross_entropy",
    "sigmoid_binary_cross_entropy",
    "sigmoid_focal_loss",
    "softmax_cross_entropy",
    "softmax_cross_entropy_with_integer_labels",
    "sparsemax_loss",
    "squared_error",
    "triplet_margin_loss",
]
