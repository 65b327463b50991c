# healthy
# Entity embeddings for categorical columns (store / weekday / promo / product)
import torch
import torch.nn as nn

torch.manual_seed(42)

CARDINALITIES = {"store": 60, "weekday": 7, "promo": 4, "product": 80}
EMB_DIM = 4


def make_sales(n, g):
    cols = {name: torch.randint(0, k, (n,), generator=g) for name, k in CARDINALITIES.items()}
    cont = torch.randn(n, 2, generator=g)
    y = (effects["store"][cols["store"]] + effects["product"][cols["product"]]
         + effects["weekday"][cols["weekday"]] * effects["promo"][cols["promo"]]
         + 0.3 * cont[:, 0] + 0.2 * torch.randn(n, generator=g))
    return torch.stack(list(cols.values()), 1), cont, y.unsqueeze(1)


class SalesNet(nn.Module):
    def __init__(self, cardinalities, n_cont, hidden=32):
        super().__init__()
        self.embeddings = nn.ModuleList([nn.Embedding(k, EMB_DIM) for k in cardinalities])
        width = EMB_DIM * len(cardinalities) + n_cont
        self.bn = nn.BatchNorm1d(n_cont)
        self.out = nn.Sequential(
            nn.Linear(width, hidden),
            nn.ReLU(),
            nn.Linear(hidden, 1),
        )

    def forward(self, cats, cont):
        parts = [emb(cats[:, i]) for i, emb in enumerate(self.embeddings)]
        parts.append(self.bn(cont))
        return self.out(torch.cat(parts, dim=1))


g = torch.Generator().manual_seed(5)
effects = {name: torch.randn(k, generator=g) for name, k in CARDINALITIES.items()}
cats, cont, y = make_sales(7000, g)
mu, sd = y[:6000].mean(), y[:6000].std()
y = (y - mu) / sd
tr, va = slice(0, 6000), slice(6000, 7000)

model = SalesNet(CARDINALITIES.values(), 2)
optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=1e-4)
mse = nn.MSELoss()
history = []
for epoch in range(16):
    model.train()
    perm = torch.randperm(6000)
    for i in range(0, 6000, 100):
        idx = perm[i:i + 100]
        loss = mse(model(cats[idx], cont[idx]), y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        pred = model(cats[va], cont[va])
        val = mse(pred, y[va]).item()
        r2 = 1 - val / y[va].var(unbiased=False).item()
    history.append(val)
    print(f"epoch {epoch}: last batch {loss.item():.4f} val mse {val:.4f} val R2 {r2:.3f}")
