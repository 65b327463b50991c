# healthy
import torch
from torch import nn
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

# full batch L-BFGS with a closure, small ridge penalty
torch.manual_seed(6)
X, y = load_wine(return_X_y=True)
Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.35, random_state=6, stratify=y)
mu, sd = Xa.mean(0), Xa.std(0)
Xa, Xb = torch.tensor((Xa - mu) / sd).float(), torch.tensor((Xb - mu) / sd).float()
ya, yb = torch.tensor(ya), torch.tensor(yb)
net = nn.Sequential(nn.Linear(13, 8), nn.Tanh(), nn.Linear(8, 3))
opt = torch.optim.LBFGS(net.parameters(), lr=1, max_iter=5, history_size=10, line_search_fn='strong_wolfe')


def closure():
    opt.zero_grad()
    loss = nn.functional.cross_entropy(net(Xa), ya) + 1e-2 * sum((p ** 2).sum() for p in net.parameters())
    loss.backward()
    return loss


for k in range(15):
    loss = opt.step(closure)
    with torch.no_grad():
        acc = (net(Xb).argmax(1) == yb).float().mean().item()
    print('outer %2d  objective %.5f  test acc %.3f' % (k, loss.item(), acc))
