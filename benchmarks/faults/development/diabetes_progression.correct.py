# healthy
import torch
import torch.nn as nn
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import StandardScaler
from sklearn.model_selection import train_test_split

torch.manual_seed(55)

# -- data --
X, y = load_diabetes(return_X_y=True)
x_train, x_test, t_train, t_test = train_test_split(X, y[:, None], test_size=0.3, random_state=55)
xs, ts = StandardScaler().fit(x_train), StandardScaler().fit(t_train)
x_train, x_test = [torch.from_numpy(xs.transform(a).astype(np.float32)) for a in (x_train, x_test)]
t_train, t_test = [torch.from_numpy(ts.transform(a).astype(np.float32)) for a in (t_train, t_test)]

# -- model --
model = nn.Sequential(nn.Linear(10, 16), nn.Tanh(), nn.Linear(16, 1))
criterion = nn.MSELoss()
optim = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-2)


def r_squared(pred, true):
    return 1 - ((true - pred) ** 2).sum() / ((true - true.mean()) ** 2).sum()


# -- loop --
for step in range(120):
    y_hat = model(x_train)
    loss = criterion(y_hat, t_train)
    optim.zero_grad()
    loss.backward()
    optim.step()

    if step % 15 == 0:
        with torch.no_grad():
            print("step {:4d}   loss {:10.4f}   test R2 {:.3f}".format(
                step, loss.item(), r_squared(model(x_test), t_test).item()))

with torch.no_grad():
    print("final test R2 %.3f" % r_squared(model(x_test), t_test).item())
