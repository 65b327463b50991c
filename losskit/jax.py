"""`losskit.jax`: losskit in JAX."""

from losskit.frameworks.jax import function

__all__ = ["function"]
