# healthy
# Contextual bandit with REINFORCE: choose which of 5 ads to show for a user vector.
import torch
import torch.nn as nn
from torch.distributions import Categorical

torch.manual_seed(17)
N_ADS, DIM = 5, 8
TASTE = torch.randn(DIM, N_ADS)


def click(users, ads):
    prob = torch.softmax(2.0 * users @ TASTE, dim=1).gather(1, ads.unsqueeze(1)).squeeze(1)
    return torch.bernoulli(prob)


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(DIM, 64), nn.Tanh(), nn.Linear(64, N_ADS))

    def forward(self, u):
        return Categorical(logits=self.net(u))


policy = Policy()
optimizer = torch.optim.Adam(policy.parameters(), lr=5e-3)
baseline = 0.0

for it in range(1, 601):
    users = torch.randn(64, DIM)
    dist = policy(users)
    ads = dist.sample()
    rewards = click(users, ads)
    advantage = rewards - baseline
    policy_loss = -(dist.log_prob(ads) * advantage).mean()
    entropy = dist.entropy().mean()
    loss = policy_loss - 0.01 * entropy
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    baseline = 0.95 * baseline + 0.05 * rewards.mean().item()
    if it % 100 == 0:
        print(f'iter {it}: reward {baseline:.3f} policy loss {policy_loss.item():.4f} entropy {entropy.item():.3f}')

with torch.no_grad():
    users = torch.randn(4000, DIM)
    greedy = policy.net(users).argmax(1)
    print('greedy click-through rate: %.3f (random 0.2)' % click(users, greedy).mean().item())
