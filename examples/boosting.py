"""Boosted trees for any loss of the catalogue; here in XGBoost.

Targets with a few gross errors: squared error follows them, a robust loss does not. Test errors against the truth.
"""

import numpy as np
import xgboost

import losskit

rng = np.random.default_rng(0)
X = rng.uniform(-2, 2, size=(1000, 3))
truth = X[:, 0] + np.sin(3 * X[:, 1])
y = truth + 0.2 * rng.normal(size=1000)
y[rng.random(1000) < 0.1] += 30  # one target in ten is wrong
train, test = slice(0, 700), slice(700, None)

errors = {}
for loss in (losskit.HalfSquaredError(), losskit.Huber(delta=0.5), losskit.Cauchy(scale=0.5)):
    objective = losskit.boosting.objective(loss, "xgboost")
    params = {"max_depth": 4, "learning_rate": 0.1, "nthread": 1, "base_score": objective.initial_score(y[train])}
    model = xgboost.train(params, xgboost.DMatrix(X[train], y[train]), 60, obj=objective)
    errors[str(loss)] = float(losskit.MAE()(model.predict(xgboost.DMatrix(X[test])).astype(float), truth[test]))
    print(f"{loss!s:25} mean absolute error against the truth {errors[str(loss)]:.3f}")

assert errors["Cauchy(scale=0.5)"] < errors["Huber(delta=0.5)"] < errors["HalfSquaredError()"]
