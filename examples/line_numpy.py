"""y = 3x + U(0, 1) by gradient descent in NumPy, as the article does it and as it should be.

The article's gradient is a sum where the loss is a mean (1/n is missing), and its model has no intercept though the
noise has mean ½. What each costs is printed.
"""

import numpy as np

import losskit

rng = np.random.default_rng(0)
n = 100
x = rng.uniform(0, 1, n)
y = 3 * x + rng.uniform(0, 1, n)
loss = losskit.MSE()


def descend(rate, steps, intercept, mean=True):
    """Gradient descent on w·x (+ b); the gradient of the prediction comes from losskit, the rest is the chain rule."""
    w = b = 0.0
    for _ in range(steps):
        _, gradient = loss.value_and_gradient(w * x + b, y)
        if not mean:
            gradient = gradient * n  # the article's: the sum over the samples
        w -= rate * np.sum(gradient * x)
        if intercept:
            b -= rate * np.sum(gradient)
        if not np.isfinite(w) or abs(w) > 1e6:
            return w, b, np.inf
    return w, b, float(loss(w * x + b, y))


best = np.linalg.lstsq(np.stack([x, np.ones(n)], axis=1), y, rcond=None)[0]
floor = float(loss(best[0] * x + best[1], y))
print(f"least squares:                       w {best[0]:.3f}  b {best[1]:.3f}  MSE {floor:.4f}")

w, b, mse = descend(0.1, 1000, intercept=False)
print(f"no intercept, as in the article:     w {w:.3f}  b {b:.3f}  MSE {mse:.4f}  ({mse / floor:.1f} times the floor)")

w, b, mse = descend(0.5, 1000, intercept=True)
print(f"with an intercept:                   w {w:.3f}  b {b:.3f}  MSE {mse:.4f}  ({mse / floor:.2f} times the floor)")
assert mse < 1.01 * floor

w, b, diverged = descend(0.1, 1000, intercept=False, mean=False)
print(f"the sum as gradient, rate 0.1:       {'diverges' if not np.isfinite(diverged) else f'MSE {diverged:.4f}'}")
assert not np.isfinite(diverged)
limit = 2 / (2 * np.mean(x**2))  # gradient descent converges below 2 / curvature
print(f"largest rate that converges: {limit:.2f} for the mean, {limit / n:.4f} for the sum: it shrinks with the data")
