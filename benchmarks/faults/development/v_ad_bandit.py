# fault: LK110 line 53
"""Contextual bandit: choose which of 5 ads to show. Policy gradient with a running baseline."""
import torch
import torch.nn as nn
from torch.distributions import Categorical

torch.manual_seed(31)


class AdServer:
    """Simulated users: click probability depends on the user vector and the ad."""

    def __init__(self, n_ads=5, dim=8):
        g = torch.Generator().manual_seed(0)
        self.taste = torch.randn(n_ads, dim, generator=g)
        self.dim = dim

    def users(self, n):
        return torch.randn(n, self.dim)

    def click_prob(self, users):
        return torch.sigmoid(users @ self.taste.T)

    def show(self, users, ads):
        p = self.click_prob(users).gather(1, ads[:, None]).squeeze(1)
        return torch.bernoulli(p)


class Policy(nn.Module):
    def __init__(self, dim, n_ads):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(dim, 32), nn.Tanh(), nn.Linear(32, n_ads))

    def forward(self, users):
        return Categorical(logits=self.net(users))


env = AdServer()
policy = Policy(env.dim, 5)
optimizer = torch.optim.Adam(policy.parameters(), lr=5e-3)
baseline = 0.5
eval_users = env.users(2000)
best_possible = env.click_prob(eval_users).max(1).values.mean().item()

for update in range(1, 801):
    users = env.users(128)
    dist = policy(users)
    ads = dist.sample()
    clicks = env.show(users, ads)
    advantage = clicks - baseline
    baseline = 0.95 * baseline + 0.05 * clicks.mean().item()

    loss = (dist.log_prob(ads) * advantage).mean()
    loss = loss - 0.003 * dist.entropy().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

    if update % 100 == 0:
        with torch.no_grad():
            probs = policy(eval_users).probs
            ctr = (probs * env.click_prob(eval_users)).sum(1).mean().item()
        print(f"update {update} loss {loss.item():+.4f} click rate {ctr:.3f} (oracle {best_possible:.3f})")
