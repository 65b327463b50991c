# healthy
import io
import torch
import torch.nn as nn

torch.manual_seed(52)


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.user = nn.Embedding(200, 8)
        self.body = nn.Sequential(nn.Linear(14, 48), nn.ReLU(), nn.Linear(48, 32), nn.ReLU())
        self.amount = nn.Linear(32, 1)
        self.churn = nn.Linear(32, 1)

    def forward(self, u, x):
        h = self.body(torch.cat([self.user(u), x], 1))
        return self.amount(h).squeeze(1), self.churn(h).squeeze(1)


taste = torch.randn(200)
u = torch.randint(0, 200, (5000,))
x = torch.randn(5000, 6)
amount = 0.7 * x[:, 0] + 0.5 * taste[u] + 0.4 * x[:, 1] * x[:, 2] + 0.2 * torch.randn(5000)
churn = ((x[:, 3] - x[:, 4] + 0.5 * taste[u] + 0.2 * torch.randn(5000)) > 0).float()
tr, va = slice(0, 4000), slice(4000, 5000)


def make():
    m = TwoHeads()
    emb_opt = torch.optim.Adam(m.user.parameters(), lr=1e-2)
    net_opt = torch.optim.AdamW([p for n, p in m.named_parameters() if not n.startswith("user")], lr=2e-3)
    return m, emb_opt, net_opt


def run(m, opts, epochs, start):
    for ep in range(start, start + epochs):
        m.train()
        for i in torch.randperm(4000).split(100):
            a, c = m(u[tr][i], x[tr][i])
            loss = 2.0 * nn.functional.mse_loss(a, amount[tr][i]) + 0.5 * \
                nn.functional.binary_cross_entropy_with_logits(c, churn[tr][i])
            for o in opts:
                o.zero_grad()
            loss.backward()
            for o in opts:
                o.step()
        m.eval()
        with torch.no_grad():
            a, c = m(u[va], x[va])
            r2 = 1 - (a - amount[va]).square().mean() / amount[va].var(unbiased=False)
            acc = ((c > 0).float() == churn[va]).float().mean()
        print(f"epoch {ep} loss {loss.item():.4f} val R2 {r2:.4f} churn acc {acc:.4f}")


model, *opts = make()
run(model, opts, 6, 0)
buf = io.BytesIO()
torch.save({"m": model.state_dict(), "o": [o.state_dict() for o in opts]}, buf)
buf.seek(0)
model, *opts = make()
state = torch.load(buf)
model.load_state_dict(state["m"])
for o, s in zip(opts, state["o"]):
    o.load_state_dict(s)
print("resumed")
run(model, opts, 6, 6)
