# healthy
"""Multinomial logistic regression on wine, full batch, L-BFGS with a closure."""
import torch
import torch.nn.functional as F
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

torch.manual_seed(1)
X, y = load_wine(return_X_y=True)
Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.35, stratify=y, random_state=8)
mu, sd = Xa.mean(0), Xa.std(0)
Xa, Xb = (torch.tensor((v - mu) / sd, dtype=torch.float64) for v in (Xa, Xb))
ya, yb = torch.tensor(ya), torch.tensor(yb)

W = torch.zeros(13, 3, dtype=torch.float64, requires_grad=True)
b = torch.zeros(3, dtype=torch.float64, requires_grad=True)
opt = torch.optim.LBFGS([W, b], lr=1.0, max_iter=20, line_search_fn="strong_wolfe")
penalty = 0.02


def closure():
    opt.zero_grad()
    loss = F.cross_entropy(Xa @ W + b, ya) + penalty * W.pow(2).sum()
    loss.backward()
    return loss


for it in range(6):
    value = opt.step(closure)
    with torch.no_grad():
        acc = ((Xb @ W + b).argmax(1) == yb).double().mean().item()
    print(f"outer {it + 1}: objective {value.item():.6f} |grad| {W.grad.norm().item():.2e} val acc {acc:.4f}")
print("val accuracy", round(acc, 4))
