# healthy
"""REINFORCE on a contextual bandit; reward 1 for the right arm, otherwise 0."""
import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(27)
ARMS, CONTEXT = 5, 6
secret = torch.randn(CONTEXT, ARMS)

policy = nn.Sequential(nn.Linear(CONTEXT, 32), nn.Tanh(), nn.Linear(32, ARMS))
optimizer = torch.optim.Adam(policy.parameters(), lr=5e-3)
baseline = 0.0


def best_arm(context):
    return (context @ secret).argmax(dim=1)


def success(n=2000):
    c = torch.randn(n, CONTEXT)
    with torch.no_grad():
        return (policy(c).argmax(1) == best_arm(c)).float().mean().item()


for step in range(1, 1501):
    context = torch.randn(64, CONTEXT)
    dist = Categorical(logits=policy(context))
    action = dist.sample()
    reward = (action == best_arm(context)).float()
    advantage = reward - baseline
    baseline = 0.95 * baseline + 0.05 * reward.mean().item()
    loss = -(dist.log_prob(action) * advantage).mean() - 0.003 * dist.entropy().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 300 == 0:
        print(f"step {step}: loss {loss.item():+.4f} mean reward {baseline:.3f} greedy success {success():.3f}")
print("greedy success rate", round(success(), 4))
