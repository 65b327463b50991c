# healthy
import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(10)
ARMS, DIM, STEPS, BATCH = 4, 6, 500, 64
secret = torch.randn(DIM, ARMS)


def context(n):
    return torch.randn(n, DIM)


def pull(ctx, arm):
    p = torch.softmax(2.0 * ctx @ secret, 1).gather(1, arm[:, None]).squeeze(1)
    return torch.bernoulli(p)


policy = nn.Sequential(nn.Linear(DIM, 32), nn.Tanh(), nn.Linear(32, ARMS))
opt = torch.optim.Adam(policy.parameters(), lr=1e-2)
baseline = 0.0
for step in range(STEPS):
    ctx = context(BATCH)
    dist = Categorical(logits=policy(ctx))
    arm = dist.sample()
    reward = pull(ctx, arm)
    loss = -((reward - baseline) * dist.log_prob(arm)).mean() - 0.01 * dist.entropy().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    baseline = 0.95 * baseline + 0.05 * reward.mean().item()
    if step % 100 == 99:
        print(f"step {step + 1} mean reward {baseline:.3f} loss {loss.item():.3f}")

with torch.no_grad():
    ctx = context(4000)
    greedy = policy(ctx).argmax(1)
    print("greedy reward", pull(ctx, greedy).mean().item(),
          "oracle", pull(ctx, (ctx @ secret).argmax(1)).mean().item())
