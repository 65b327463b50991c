# healthy
"""Deep Q-learning: a boat learns to stop at a dock. Replay memory, target network, sparse reward."""
import random
from collections import deque

import torch
import torch.nn as nn

random.seed(0)
torch.manual_seed(0)
ACTIONS = (-1, 0, 1)


class Dock:
    def reset(self):
        self.x, self.v, self.t = random.randint(-6, 6), 0, 0
        return self.obs()

    def obs(self):
        return [self.x / 6.0, self.v / 2.0]

    def step(self, a):
        self.v = max(-2, min(2, self.v + ACTIONS[a]))
        self.x = max(-8, min(8, self.x + self.v))
        self.t += 1
        docked = self.x == 0 and self.v == 0
        return self.obs(), 1.0 if docked else 0.0, docked, docked or self.t >= 30


def q_network():
    return nn.Sequential(nn.Linear(2, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 3))


online, target = q_network(), q_network()
target.load_state_dict(online.state_dict())
optimizer = torch.optim.Adam(online.parameters(), lr=2e-3)
memory = deque(maxlen=5000)
env = Dock()
GAMMA, BATCH = 0.9, 32


def greedy(state):
    with torch.no_grad():
        return online(torch.tensor(state)).argmax().item()


def learn():
    s, a, r, s2, end = zip(*random.sample(memory, BATCH))
    s, s2 = torch.tensor(s), torch.tensor(s2)
    q = online(s).gather(1, torch.tensor(a)[:, None]).squeeze(1)
    with torch.no_grad():
        best = target(s2).max(dim=1).values
        goal = torch.tensor(r) + GAMMA * best * (1 - torch.tensor(end))
    loss = nn.functional.smooth_l1_loss(q, goal)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def docking_rate(n=60):
    done = 0
    for _ in range(n):
        s, over, ok = env.reset(), False, False
        while not over:
            s, _, ok, over = env.step(greedy(s))
        done += ok
    return done / n


steps = 0
for episode in range(1, 301):
    eps = max(0.05, 1 - episode / 150)
    s, over, loss = env.reset(), False, 0.0
    while not over:
        a = random.randrange(3) if random.random() < eps else greedy(s)
        s2, r, ok, over = env.step(a)
        memory.append((s, a, r, s2, float(ok)))
        s = s2
        steps += 1
        if len(memory) > 200:
            loss = learn()
        if steps % 100 == 0:
            target.load_state_dict(online.state_dict())
    if episode % 50 == 0:
        print(f"episode {episode} eps {eps:.2f} td loss {loss:.5f} docking rate {docking_rate():.3f}")
