# healthy
"""REINFORCE on a 9-cell corridor with a sparse reward at one end."""
import torch
import torch.nn as nn
from torch.distributions import Bernoulli

torch.manual_seed(9)
LEN, MAX_T, N_ENV = 9, 24, 32
policy = nn.Sequential(nn.Linear(LEN, 32), nn.Tanh(), nn.Linear(32, 1))
opt = torch.optim.Adam(policy.parameters(), lr=0.01)
eye = torch.eye(LEN)


def rollout():
    pos = torch.full((N_ENV,), LEN // 2)
    alive = torch.ones(N_ENV)
    logps, masks, rews = [], [], []
    for _ in range(MAX_T):
        dist = Bernoulli(logits=policy(eye[pos]).squeeze(1))
        a = dist.sample()
        logps.append(dist.log_prob(a))
        masks.append(alive.clone())
        pos = (pos + (2 * a.long() - 1)).clamp(0, LEN - 1)
        won = (pos == LEN - 1).float() * alive
        lost = (pos == 0).float() * alive
        rews.append(won)
        alive = alive * (1 - won) * (1 - lost)
    return torch.stack(logps), torch.stack(masks), torch.stack(rews)


avg = 0.5
for it in range(150):
    lp, m, r = rollout()
    disc = torch.stack([0.97 ** torch.arange(MAX_T)] * N_ENV, 1)
    ret = (r * disc).sum(0)
    adv = (ret - ret.mean()) / (ret.std() + 1e-6)
    loss = -((lp * m).sum(0) * adv).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    avg = 0.9 * avg + 0.1 * r.sum(0).mean().item()
    if it % 25 == 24:
        print('update', it + 1, 'loss %.3f' % loss.item(), 'success rate %.3f' % avg)
