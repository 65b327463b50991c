# healthy
"""Contextual bandit trained with REINFORCE and a running baseline."""
import torch
import torch.nn as nn

torch.manual_seed(10)
N_ADS, D = 4, 6
TRUE = torch.randn(D, N_ADS)


def click(ctx, ad):
    p = torch.sigmoid((ctx @ TRUE).gather(1, ad[:, None]).squeeze(1) - 1.0)
    return torch.bernoulli(p)


policy = nn.Sequential(nn.Linear(D, 32), nn.Tanh(), nn.Linear(32, N_ADS))
opt = torch.optim.Adam(policy.parameters(), lr=5e-3)
baseline = 0.0
test_ctx = torch.randn(2000, D)
best_ad = (test_ctx @ TRUE).argmax(1)

for it in range(1, 501):
    ctx = torch.randn(128, D)
    dist = torch.distributions.Categorical(logits=policy(ctx))
    ad = dist.sample()
    reward = click(ctx, ad)
    loss = -(dist.log_prob(ad) * (reward - baseline)).mean() - 0.005 * dist.entropy().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    baseline = 0.95 * baseline + 0.05 * reward.mean().item()
    if it % 100 == 0:
        with torch.no_grad():
            hit = (policy(test_ctx).argmax(1) == best_ad).float().mean()
        print(f"it {it} loss {loss.item():+.4f} click rate {baseline:.3f} best-ad rate {hit:.3f}")
