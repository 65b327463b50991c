"""Boston housing and diabetes: gradient descent on a losskit objective against scikit-learn's closed form.

The Boston data assume that racial self-segregation raises house prices: one of its columns, B, is built on that (see
scikit-learn's own note on why it was removed). It is used here to compare with old results only; the second data set,
diabetes, has no such past.

Needs: pip install losskit[fit] mlxtend
"""

import torch
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import train_test_split

import losskit
from losskit.data import DataError, named
from losskit.training import Run


def compare(name, inputs, targets):
    """Test MSE of the closed form and of gradient descent, at test_size=0.2, random_state=42."""
    parts = train_test_split(inputs.astype("float64"), targets.astype("float64"), test_size=0.2, random_state=42)
    x_train, x_test, y_train, y_test = parts
    closed = mean_squared_error(y_test, LinearRegression().fit(x_train, y_train).predict(x_test))

    centre, scale = x_train.mean(axis=0), x_train.std(axis=0)
    train = (torch.tensor((x_train - centre) / scale), torch.tensor(y_train))
    test = (torch.tensor((x_test - centre) / scale), torch.tensor(y_test))
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(inputs.shape[1], 1), torch.nn.Flatten(0)).double()
    run = Run(model, losskit.MSE(), train, optimizer="gradient_descent", learning_rate=0.1)
    run.fit(epochs=3000, progress=False)
    descent = run.evaluate(test)["loss"]

    print(f"{name}: test MSE {closed:.2f} in closed form, {descent:.2f} by gradient descent")
    assert abs(descent / closed - 1) < 0.01
    return closed


try:
    boston = named("boston")
except DataError as absent:
    print(absent)
else:
    assert round(compare("boston", boston.inputs, boston.targets), 2) == 24.29
diabetes = load_diabetes()
compare("diabetes", diabetes.data, diabetes.target)
