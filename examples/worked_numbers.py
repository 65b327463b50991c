"""The articles' worked numbers, checked.

MSE of (3, 5) against (2.5, 5.5) is 0.25. The cross-entropy example, true class at probability 0.9, is printed as 0.152
in the article; it is −log 0.9 = 0.105.
"""

import numpy as np

import losskit

mse = losskit.MSE()(np.array([2.5, 5.5]), np.array([3.0, 5.0]))
print(f"MSE of (3, 5) and (2.5, 5.5): {mse:.2f} (the article: 0.25)")

prediction, target = np.array([[0.05, 0.9, 0.05]]), np.array([[0.0, 1.0, 0.0]])
entropy = losskit.CrossEntropy(input="probabilities")(prediction, target)
print(f"cross-entropy of a true class at 0.9: {entropy:.3f} (the article prints 0.152, which is wrong)")

assert np.isclose(mse, 0.25)
assert np.isclose(entropy, 0.105, atol=5e-4)
