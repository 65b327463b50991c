# healthy
"""REINFORCE on a contextual bandit: pick one of 4 dishes for a guest, reward 0/1."""
import torch
from torch import nn
from torch.distributions import Categorical


class Kitchen:
    def __init__(self, n_ctx=6, n_dishes=4):
        g = torch.Generator().manual_seed(90)
        self.taste = torch.randn(n_ctx, n_dishes, generator=g)
        self.n_ctx = n_ctx

    def guests(self, n):
        return torch.randn(n, self.n_ctx)

    def serve(self, guest, dish):
        p_like = torch.softmax(3.0 * guest @ self.taste, dim=1)
        return torch.bernoulli(p_like.gather(1, dish[:, None]).squeeze(1))

    def best(self, guest):
        return (guest @ self.taste).argmax(1)


def main():
    torch.manual_seed(90)
    kitchen = Kitchen()
    policy = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 4))
    opt = torch.optim.Adam(policy.parameters(), lr=5e-3)
    baseline = 0.25
    for step in range(1, 601):
        guests = kitchen.guests(128)
        dist = Categorical(logits=policy(guests))
        dish = dist.sample()
        reward = kitchen.serve(guests, dish)
        advantage = reward - baseline
        baseline += 0.05 * (reward.mean().item() - baseline)
        loss = -(dist.log_prob(dish) * advantage).mean() - 0.003 * dist.entropy().mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        if step % 100 == 0:
            with torch.no_grad():
                test = kitchen.guests(2000)
                hit = (policy(test).argmax(1) == kitchen.best(test)).float().mean().item()
            print(f"step {step} loss {loss.item():+.4f} reward {reward.mean().item():.3f} best-dish rate {hit:.3f}")


if __name__ == "__main__":
    main()
