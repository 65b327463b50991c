# healthy
import torch
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
X, y = load_diabetes(return_X_y=True)
Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.25, random_state=0)
sx, sy = StandardScaler().fit(Xa), StandardScaler().fit(ya[:, None])
Xa, Xb = torch.tensor(sx.transform(Xa)), torch.tensor(sx.transform(Xb))
ya, yb = torch.tensor(sy.transform(ya[:, None])), torch.tensor(sy.transform(yb[:, None]))

model = torch.nn.Linear(10, 1)
opt = torch.optim.LBFGS(model.parameters(), lr=1.0, max_iter=10, line_search_fn="strong_wolfe")


def closure():
    opt.zero_grad()
    loss = torch.nn.functional.mse_loss(model(Xa), ya) + 0.02 * model.weight.square().sum()
    loss.backward()
    return loss


for it in range(6):
    loss = opt.step(closure)
    with torch.no_grad():
        r2 = 1 - (model(Xb) - yb).square().sum() / (yb - yb.mean()).square().sum()
    print(f"iter {it}: loss {loss.item():.5f}  test R2 {r2.item():.4f}")
