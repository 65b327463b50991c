"""A policy of few states: what it is trained on are its own actions, from states that all begin alike."""

import torch
from torch import nn
from torch.distributions import Bernoulli

torch.manual_seed(0)
states = torch.eye(7)
policy = nn.Sequential(nn.Linear(7, 16), nn.Tanh(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(policy.parameters(), lr=0.02)
for update in range(80):
    place, chances, won = torch.full((32,), 3), [], torch.zeros(32)
    for _ in range(8):
        action = Bernoulli(logits=policy(states[place]).squeeze(1))
        step = action.sample()
        chances.append(action.log_prob(step))
        place = (place + (2 * step.long() - 1)).clamp(0, 6)
        won = won.maximum((place == 6).float())
    loss = -(torch.stack(chances).sum(0) * (won - won.mean())).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("won", won.mean().item())
