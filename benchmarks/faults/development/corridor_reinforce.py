# healthy
"""REINFORCE with a learned value baseline on a corridor with a sparse reward at the goal cell."""
import torch
import torch.nn as nn
from torch.distributions import Categorical

torch.manual_seed(2)
CELLS, HORIZON, GAMMA, RUNS = 7, 20, 0.95, 48


class Corridor:
    """A batch of walkers; the goal side (left/right) is shown only as a flag in the observation."""

    def __init__(self, n):
        self.n = n

    def reset(self):
        self.pos = torch.full((self.n,), CELLS // 2)
        self.side = torch.randint(0, 2, (self.n,))
        self.done = torch.zeros(self.n, dtype=torch.bool)
        return self.observe()

    def observe(self):
        return torch.cat([nn.functional.one_hot(self.pos, CELLS).float(), 2.0 * self.side[:, None] - 1], dim=1)

    def step(self, action):
        move = torch.where(torch.rand(self.n) < 0.1, 1 - action, action) * 2 - 1
        self.pos = torch.where(self.done, self.pos, (self.pos + move).clamp(0, CELLS - 1))
        goal = self.side * (CELLS - 1)
        wrong = (1 - self.side) * (CELLS - 1)
        reward = ((self.pos == goal) & ~self.done).float()
        alive = (~self.done).float()
        self.done |= (self.pos == goal) | (self.pos == wrong)
        return self.observe(), reward, alive


policy = nn.Sequential(nn.Linear(CELLS + 1, 32), nn.Tanh(), nn.Linear(32, 2))
value = nn.Sequential(nn.Linear(CELLS + 1, 32), nn.Tanh(), nn.Linear(32, 1))
opt_pi = torch.optim.Adam(policy.parameters(), lr=5e-3)
opt_v = torch.optim.Adam(value.parameters(), lr=1e-2)


def rollout(env, greedy=False):
    obs = env.reset()
    trace = []
    for _ in range(HORIZON):
        dist = Categorical(logits=policy(obs))
        action = dist.probs.argmax(1) if greedy else dist.sample()
        nxt, reward, alive = env.step(action)
        trace.append((obs, dist.log_prob(action), dist.entropy(), reward, alive))
        obs = nxt
    return [torch.stack(t) for t in zip(*trace)]


env, test_env = Corridor(RUNS), Corridor(400)
for update in range(1, 151):
    obs, logp, ent, rew, alive = rollout(env)
    ret, running = torch.zeros_like(rew), torch.zeros(RUNS)
    for t in reversed(range(HORIZON)):
        running = rew[t] + GAMMA * running
        ret[t] = running
    v = value(obs).squeeze(-1)
    adv = (ret - v).detach()
    pi_loss = -((logp * adv + 0.01 * ent) * alive).sum() / alive.sum()
    v_loss = ((v - ret).pow(2) * alive).sum() / alive.sum()
    opt_pi.zero_grad()
    pi_loss.backward()
    opt_pi.step()
    opt_v.zero_grad()
    v_loss.backward()
    opt_v.step()
    if update % 25 == 0:
        with torch.no_grad():
            success = rollout(test_env, greedy=True)[3].sum(0).mean().item()
        print(f"update {update:4d}  policy loss {pi_loss.item():+.4f}  value loss {v_loss.item():.4f}  "
              f"train success {rew.sum(0).mean():.3f}  greedy success {success:.3f}")
