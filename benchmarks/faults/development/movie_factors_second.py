# healthy
"""Matrix factorisation with sparse embeddings; most users and items appear only a few times per epoch."""
import torch
import torch.nn as nn

config = {"users": 500, "items": 300, "dim": 4, "ratings": 22000, "batch": 256, "epochs": 8, "seed": 20}
torch.manual_seed(config["seed"])


def generate():
    gu = torch.randn(config["users"], 4) * 0.45
    gi = torch.randn(config["items"], 4) * 0.45
    bu, bi = torch.randn(config["users"]) * 0.35, torch.randn(config["items"]) * 0.45
    u = torch.randint(0, config["users"], (config["ratings"],))
    pop = torch.distributions.Categorical(logits=-0.006 * torch.arange(config["items"]).float())
    i = pop.sample((config["ratings"],))
    r = 3.5 + bu[u] + bi[i] + (gu[u] * gi[i]).sum(1) + 0.7 * torch.randn(config["ratings"])
    return u, i, r.clamp(1, 5)


class Factors(nn.Module):
    def __init__(self, n_users, n_items, dim, mean):
        super().__init__()
        self.p = nn.Embedding(n_users, dim, sparse=True)
        self.q = nn.Embedding(n_items, dim, sparse=True)
        self.bu = nn.Embedding(n_users, 1, sparse=True)
        self.bi = nn.Embedding(n_items, 1, sparse=True)
        nn.init.normal_(self.p.weight, std=0.1)
        nn.init.normal_(self.q.weight, std=0.1)
        nn.init.zeros_(self.bu.weight)
        nn.init.zeros_(self.bi.weight)
        self.register_buffer("mean", mean)

    def forward(self, u, i):
        dot = (self.p(u) * self.q(i)).sum(1)
        return self.mean + dot + self.bu(u).squeeze(1) + self.bi(i).squeeze(1)

    def penalty(self, u, i):
        return self.p(u).pow(2).sum(1).mean() + self.q(i).pow(2).sum(1).mean() + self.bu(u).pow(2).mean()


u, i, r = generate()
cut = int(0.85 * len(r))
model = Factors(config["users"], config["items"], config["dim"], r[:cut].mean())
opt = torch.optim.SparseAdam(list(model.parameters()), lr=5e-3)
for epoch in range(config["epochs"]):
    order = torch.randperm(cut)
    sse = 0.0
    for idx in order.split(config["batch"]):
        err = model(u[idx], i[idx]) - r[idx]
        loss = err.pow(2).mean() + 0.08 * model.penalty(u[idx], i[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        sse += err.detach().pow(2).sum().item()
    with torch.no_grad():
        test = model(u[cut:], i[cut:]) - r[cut:]
    rmse = test.pow(2).mean().sqrt().item()
    r2 = 1 - test.pow(2).sum().item() / (r[cut:] - r[cut:].mean()).pow(2).sum().item()
    print(f"epoch {epoch}: train rmse {(sse / cut) ** 0.5:.3f}  test rmse {rmse:.3f}  test R2 {r2:.3f}")
