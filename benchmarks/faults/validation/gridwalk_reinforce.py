# healthy
# REINFORCE with a learned baseline on a small corridor-with-wind world.
import numpy as np
import torch
import torch.nn as nn
from torch.distributions import Categorical


class WindyGrid:
    """5x5 grid; start bottom-left, goal top-right; wind pushes back now and then."""
    MOVES = [(0, 1), (0, -1), (1, 0), (-1, 0)]

    def __init__(self, rng, size=5, limit=25):
        self.rng, self.size, self.limit = rng, size, limit

    def reset(self):
        self.pos, self.t = [0, 0], 0
        return self.obs()

    def obs(self):
        v = np.zeros(self.size * 2, dtype=np.float32)
        v[self.pos[0]] = 1
        v[self.size + self.pos[1]] = 1
        return v

    def step(self, a):
        self.t += 1
        dx, dy = self.MOVES[a]
        if self.rng.random() < 0.1:
            dx, dy = self.MOVES[self.rng.integers(4)]
        self.pos[0] = int(np.clip(self.pos[0] + dx, 0, self.size - 1))
        self.pos[1] = int(np.clip(self.pos[1] + dy, 0, self.size - 1))
        goal = self.pos == [self.size - 1, self.size - 1]
        return self.obs(), (1.0 if goal else -0.04), goal or self.t >= self.limit


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(10, 32), nn.Tanh())
        self.pi = nn.Linear(32, 4)
        self.v = nn.Linear(32, 1)

    def forward(self, s):
        h = self.body(s)
        return Categorical(logits=self.pi(h)), self.v(h).squeeze(-1)


def rollout(env, net, gamma=0.98):
    s, done = env.reset(), False
    states, actions, rewards = [], [], []
    while not done:
        with torch.no_grad():
            a = net(torch.from_numpy(s))[0].sample().item()
        states.append(s)
        actions.append(a)
        s, r, done = env.step(a)
        rewards.append(r)
    g, returns = 0.0, []
    for r in reversed(rewards):
        g = r + gamma * g
        returns.insert(0, g)
    return states, actions, returns, sum(rewards)


def main():
    torch.manual_seed(2)
    env = WindyGrid(np.random.default_rng(2))
    net = ActorCritic()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    recent = []
    for update in range(1, 151):
        S, A, R = [], [], []
        for _ in range(6):
            s, a, g, total = rollout(env, net)
            S += s
            A += a
            R += g
            recent.append(total)
        dist, value = net(torch.tensor(np.array(S)))
        ret = torch.tensor(R, dtype=torch.float32)
        adv = ret - value.detach()
        adv = (adv - adv.mean()) / (adv.std() + 1e-6)
        policy_loss = -(dist.log_prob(torch.tensor(A)) * adv).mean()
        value_loss = (value - ret).pow(2).mean()
        loss = policy_loss + 0.5 * value_loss - 0.01 * dist.entropy().mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        if update % 15 == 0:
            print(f"update {update:3d} loss {loss.item():+.4f} mean return {np.mean(recent[-60:]):+.3f}")
    print(f"METRIC return {np.mean(recent[-120:]):.4f}")


if __name__ == "__main__":
    main()
