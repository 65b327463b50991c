# healthy
"""Matrix factorisation with sparse embeddings: most rows get only a handful of updates."""
import torch
import torch.nn as nn

torch.manual_seed(27)
U, I, K, N = 400, 300, 4, 24000
tu, ti = torch.randn(U, K) * 0.7, torch.randn(I, K) * 0.7
popularity = torch.distributions.Categorical(1.0 / (torch.arange(I) + 8.0))
u, i = torch.randint(0, U, (N,)), popularity.sample((N,))
rating = 3.5 + (tu[u] * ti[i]).sum(1) + 0.3 * torch.randn(N)
cut = 20000


class MF(nn.Module):
    def __init__(self, mean):
        super().__init__()
        self.pu, self.qi = nn.Embedding(U, K, sparse=True), nn.Embedding(I, K, sparse=True)
        nn.init.normal_(self.pu.weight, std=0.3)
        nn.init.normal_(self.qi.weight, std=0.3)
        self.register_buffer('mean', mean)

    def forward(self, u, i):
        return self.mean + (self.pu(u) * self.qi(i)).sum(1)


mf = MF(rating[:cut].mean())
opt = torch.optim.SparseAdam(list(mf.parameters()), lr=0.02)
for ep in range(12):
    tot = 0.0
    for b in torch.randperm(cut).split(200):
        loss = ((mf(u[b], i[b]) - rating[b]) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(b) / cut
    with torch.no_grad():
        p = mf(u[cut:], i[cut:])
        r = rating[cut:]
    print(f'epoch {ep} train mse {tot:.3f} val rmse {((p-r)**2).mean().sqrt():.3f} R2 {1-((p-r)**2).mean()/r.var():.3f}')
