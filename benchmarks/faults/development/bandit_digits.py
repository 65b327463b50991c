# fault: LK110 line 37
"""Contextual bandit: the policy sees a digit, picks one of ten buttons, and is told only if it was right."""
import torch
from torch import nn
from torch.distributions import Categorical
from sklearn.datasets import load_digits

CFG = dict(seed=4, hidden=64, steps=1500, batch=128, lr=3e-3, baseline_decay=0.95, entropy_coef=0.01)


class Environment:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def observe(self, n):
        self.idx = torch.randint(0, len(self.x), (n,))
        return self.x[self.idx]

    def act(self, actions):
        return (actions == self.y[self.idx]).float()


class Agent:
    def __init__(self, n_in, n_actions, cfg):
        self.cfg = cfg
        self.policy = nn.Sequential(nn.Linear(n_in, cfg["hidden"]), nn.ReLU(), nn.Linear(cfg["hidden"], n_actions))
        self.opt = torch.optim.Adam(self.policy.parameters(), lr=cfg["lr"])
        self.baseline = 0.0

    def learn(self, env):
        dist = Categorical(logits=self.policy(env.observe(self.cfg["batch"])))
        action = dist.sample()
        reward = env.act(action)
        advantage = reward - self.baseline
        self.baseline += (1 - self.cfg["baseline_decay"]) * (reward.mean().item() - self.baseline)
        pg = (dist.log_prob(action) * advantage).mean()
        loss = pg - self.cfg["entropy_coef"] * dist.entropy().mean()
        self.opt.zero_grad()
        loss.backward()
        self.opt.step()
        return loss.item(), reward.mean().item()

    @torch.no_grad()
    def greedy(self, x):
        return self.policy(x).argmax(1)


def main(cfg):
    torch.manual_seed(cfg["seed"])
    data = load_digits()
    x = torch.tensor(data.data, dtype=torch.float32)
    y = torch.tensor(data.target)
    perm = torch.randperm(len(x))
    train, test = perm[:1400], perm[1400:]
    mu, sd = x[train].mean(), x[train].std()
    x = (x - mu) / sd
    env = Environment(x[train], y[train])
    agent = Agent(64, 10, cfg)
    for step in range(1, cfg["steps"] + 1):
        loss, reward = agent.learn(env)
        if step % 250 == 0:
            acc = (agent.greedy(x[test]) == y[test]).float().mean().item()
            print(f"step {step:5d}  loss {loss:+.4f}  reward {reward:.3f}  greedy test accuracy {acc:.3f}")


if __name__ == "__main__":
    main(CFG)
