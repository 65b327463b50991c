# fault: LK110 line 86
"""Actor-critic on a small batch of simulated balancing poles."""
import math

import torch
from torch import nn
from torch.distributions import Categorical


class Poles:
    """Many independent poles on carts, stepped together; state = (angle, angular speed)."""

    def __init__(self, n, gen):
        self.n, self.gen = n, gen
        self.reset()

    def reset(self):
        self.state = (torch.rand(self.n, 2, generator=self.gen) - 0.5) * 0.2
        return self.state.clone()

    def step(self, action):
        push = (action.float() * 2 - 1) * 1.2
        angle, speed = self.state[:, 0], self.state[:, 1]
        noise = 0.3 * torch.randn(self.n, generator=self.gen)
        acc = 3.0 * torch.sin(angle) + push + noise
        speed = speed + 0.1 * acc
        angle = angle + 0.1 * speed
        self.state = torch.stack([angle, speed], dim=1)
        fallen = angle.abs() > 0.35
        reward = (~fallen).float()
        fresh = (torch.rand(self.n, 2, generator=self.gen) - 0.5) * 0.2
        self.state = torch.where(fallen[:, None], fresh, self.state)
        return self.state.clone(), reward, fallen


def mlp(out):
    return nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, out))


torch.manual_seed(2)
gen = torch.Generator().manual_seed(8)
env = Poles(64, gen)
actor, critic = mlp(2), mlp(1)
actor_opt = torch.optim.Adam(actor.parameters(), lr=3e-3)
critic_opt = torch.optim.Adam(critic.parameters(), lr=1e-2)
GAMMA, HORIZON = 0.95, 16
SCALE = torch.tensor([5.0, 2.0])


def survival(steps=100):
    test = Poles(200, torch.Generator().manual_seed(99))
    alive = torch.ones(200, dtype=torch.bool)
    count = torch.zeros(200)
    state = test.reset()
    with torch.no_grad():
        for _ in range(steps):
            action = actor(state * SCALE).argmax(1)
            state, _, fallen = test.step(action)
            alive &= ~fallen
            count += alive.float()
    return (count / steps).mean().item()


state = env.reset()
for update in range(120):
    logp, values, rewards, falls, ent = [], [], [], [], []
    for _ in range(HORIZON):
        dist = Categorical(logits=actor(state * SCALE))
        action = dist.sample()
        logp.append(dist.log_prob(action))
        ent.append(dist.entropy())
        values.append(critic(state * SCALE).squeeze(1))
        state, reward, fallen = env.step(action)
        rewards.append(reward)
        falls.append(fallen.float())
    with torch.no_grad():
        ret = critic(state * SCALE).squeeze(1)
    returns = []
    for r, f in zip(reversed(rewards), reversed(falls)):
        ret = r + GAMMA * ret * (1 - f)
        returns.insert(0, ret)
    returns, values, logp = torch.stack(returns), torch.stack(values), torch.stack(logp)
    advantage = (returns - values).detach()
    advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-6)

    actor_loss = (logp * advantage).mean() - 0.01 * torch.stack(ent).mean()
    actor_opt.zero_grad()
    actor_loss.backward()
    actor_opt.step()

    critic_loss = nn.functional.mse_loss(values, returns)
    critic_opt.zero_grad()
    critic_loss.backward()
    critic_opt.step()
    if (update + 1) % 20 == 0:
        print(f"update {update + 1} reward/step {torch.stack(rewards).mean():.3f} "
              f"actor {actor_loss.item():+.4f} critic {critic_loss.item():.3f} survival {survival():.3f}")
