# fault: LK110 line 94
import argparse

import torch
import torch.nn as nn
from torch.distributions import Categorical


class CorridorEnv:
    """A batch of agents on a line of `size` cells. Reach the flag, whose side is shown in the observation."""

    def __init__(self, n_envs, size=9, max_steps=16):
        self.n, self.size, self.max_steps = n_envs, size, max_steps

    def reset(self):
        self.pos = torch.full((self.n,), self.size // 2)
        self.side = torch.randint(0, 2, (self.n,))
        self.done = torch.zeros(self.n, dtype=torch.bool)
        return self.obs()

    def obs(self):
        p = self.pos.float() / (self.size - 1) * 2 - 1
        s = self.side.float() * 2 - 1
        return torch.stack([p, s, p * s], dim=1)

    def step(self, action):
        move = action * 2 - 1
        move = torch.where(self.done, torch.zeros_like(move), move)
        self.pos = (self.pos + move).clamp(0, self.size - 1)
        at_goal = torch.where(self.side == 1, self.pos == self.size - 1, self.pos == 0)
        reward = torch.where(at_goal & ~self.done, 1.0, 0.0)
        reward = reward - 0.02 * (~self.done).float()
        self.done = self.done | at_goal
        return self.obs(), reward, self.done.clone()


class Policy(nn.Module):
    def __init__(self, obs_dim=3, n_actions=2, hidden=32):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(obs_dim, hidden), nn.Tanh(), nn.Linear(hidden, n_actions))

    def forward(self, obs):
        return Categorical(logits=self.net(obs))


def rollout(env, policy):
    obs = env.reset()
    logps, rewards, masks = [], [], []
    for _ in range(env.max_steps):
        alive = (~env.done).float()
        dist = policy(obs)
        action = dist.sample()
        logps.append(dist.log_prob(action))
        obs, r, done = env.step(action)
        rewards.append(r)
        masks.append(alive)
    return torch.stack(logps), torch.stack(rewards), torch.stack(masks)


def discount(rewards, gamma):
    out = torch.zeros_like(rewards)
    running = torch.zeros(rewards.shape[1])
    for t in reversed(range(rewards.shape[0])):
        running = rewards[t] + gamma * running
        out[t] = running
    return out


def success_rate(policy, n=400):
    env = CorridorEnv(n)
    with torch.no_grad():
        rollout(env, policy)
    return env.done.float().mean().item()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--iters", type=int, default=120)
    ap.add_argument("--envs", type=int, default=64)
    ap.add_argument("--gamma", type=float, default=0.97)
    ap.add_argument("--lr", type=float, default=1e-2)
    ap.add_argument("--seed", type=int, default=0)
    args = ap.parse_args()
    torch.manual_seed(args.seed)

    policy = Policy()
    optimizer = torch.optim.Adam(policy.parameters(), lr=args.lr)
    env = CorridorEnv(args.envs)
    for it in range(args.iters):
        logps, rewards, masks = rollout(env, policy)
        returns = discount(rewards, args.gamma)
        mean = (returns * masks).sum() / masks.sum()
        adv = returns - mean
        loss = (logps * adv * masks).sum() / masks.sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if it % 10 == 9:
            ep_ret = rewards.sum(0).mean().item()
            print(f"iter {it + 1}: return {ep_ret:.3f} loss {loss.item():+.4f} success {success_rate(policy):.3f}")
    print("final success rate", success_rate(policy))


if __name__ == "__main__":
    main()
