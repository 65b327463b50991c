# healthy
"""Actor-critic on a small grid. The only reward is 1.0 at the door, and only with the key in hand."""
import torch
import torch.nn as nn
import torch.nn.functional as F

CFG = dict(size=4, horizon=24, n_envs=96, iters=140, gamma=0.97, lr_actor=4e-3, lr_critic=1e-2,
           entropy=0.01, seed=8)
MOVES = torch.tensor([[0, 1], [0, -1], [1, 0], [-1, 0]])


class KeyDoor:
    def __init__(self, n, size, horizon):
        self.n, self.size, self.horizon = n, size, horizon
        self.key = torch.tensor([0, size - 1])
        self.door = torch.tensor([size - 1, size - 1])

    def reset(self):
        self.pos = torch.randint(0, self.size, (self.n, 2))
        self.has_key = torch.zeros(self.n, dtype=torch.bool)
        self.done = torch.zeros(self.n, dtype=torch.bool)
        return self.observe()

    def observe(self):
        cell = F.one_hot(self.pos[:, 0] * self.size + self.pos[:, 1], self.size ** 2).float()
        k = self.has_key.float().unsqueeze(1)
        return torch.cat([cell * k, cell * (1 - k)], dim=1)

    def step(self, a):
        new = (self.pos + MOVES[a]).clamp(0, self.size - 1)
        self.pos = torch.where(self.done.unsqueeze(1), self.pos, new)
        self.has_key |= (self.pos == self.key).all(1)
        win = (self.pos == self.door).all(1) & self.has_key & ~self.done
        self.done |= win
        return self.observe(), win.float()


class ActorCritic(nn.Module):
    def __init__(self, n_obs, n_act):
        super().__init__()
        self.actor = nn.Sequential(nn.Linear(n_obs, 64), nn.Tanh(), nn.Linear(64, n_act))
        self.critic = nn.Sequential(nn.Linear(n_obs, 64), nn.Tanh(), nn.Linear(64, 1))


def play(env, net):
    obs = env.reset()
    buf = []
    for _ in range(env.horizon):
        alive = (~env.done).float()
        dist = torch.distributions.Categorical(logits=net.actor(obs))
        a = dist.sample()
        value = net.critic(obs).squeeze(1)
        logp, ent = dist.log_prob(a), dist.entropy()
        obs, r = env.step(a)
        buf.append((logp, value, ent, r, alive))
    return [torch.stack(t) for t in zip(*buf)]


def returns_to_go(r, gamma):
    out, acc = torch.zeros_like(r), torch.zeros(r.shape[1])
    for t in range(len(r) - 1, -1, -1):
        acc = r[t] + gamma * acc
        out[t] = acc
    return out


def main(cfg):
    torch.manual_seed(cfg["seed"])
    net = ActorCritic(2 * cfg["size"] ** 2, 4)
    opt_actor = torch.optim.Adam(net.actor.parameters(), lr=cfg["lr_actor"])
    opt_critic = torch.optim.Adam(net.critic.parameters(), lr=cfg["lr_critic"])
    env = KeyDoor(cfg["n_envs"], cfg["size"], cfg["horizon"])
    for it in range(1, cfg["iters"] + 1):
        logp, value, ent, r, alive = play(env, net)
        ret = returns_to_go(r, cfg["gamma"])
        adv = (ret - value).detach()
        n = alive.sum()
        policy_loss = -((logp * adv + cfg["entropy"] * ent) * alive).sum() / n
        value_loss = ((value - ret) ** 2 * alive).sum() / n
        opt_actor.zero_grad()
        policy_loss.backward()
        opt_actor.step()
        opt_critic.zero_grad()
        value_loss.backward()
        opt_critic.step()
        if it % 10 == 0:
            steps = alive.sum(0).mean().item()
            print(f"iter {it:3d} success {r.sum(0).mean().item():.3f} steps {steps:.1f} "
                  f"pi {policy_loss.item():+.4f} v {value_loss.item():.4f}")
    final = KeyDoor(500, cfg["size"], cfg["horizon"])
    with torch.no_grad():
        _, _, _, r, _ = play(final, net)
    print("success rate", r.sum(0).mean().item())


if __name__ == "__main__":
    main(CFG)
