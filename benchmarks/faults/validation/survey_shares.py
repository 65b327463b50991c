# fault: LK111 line 34, 35
"""Predict the distribution of answers (5 options) to a survey item from item features.

Every row's target is the observed share of respondents choosing each option.
"""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


def simulate(n, seed):
    g = np.random.default_rng(seed)
    x = g.normal(size=(n, 10))
    w = np.random.default_rng(99).normal(size=(10, 5)) * 0.35
    v = np.random.default_rng(98).normal(size=(10, 5)) * 0.5
    z = x @ w + np.tanh(x) @ v * 0.6
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    votes = np.stack([g.multinomial(150, pi) for pi in p])
    shares = (votes + 0.5) / (votes + 0.5).sum(1, keepdims=True)
    return torch.tensor(x, dtype=torch.float32), torch.tensor(shares, dtype=torch.float32)


class ShareModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(10, 32), nn.Tanh(), nn.Linear(32, 5))

    def forward(self, x):
        return self.layers(x)


def share_loss(logits, target):
    pred = F.softmax(logits, dim=1)
    return F.kl_div(pred, target, reduction="batchmean")


def share_r2(model, x, t):
    model.eval()
    with torch.no_grad():
        p = F.softmax(model(x), dim=1)
    model.train()
    return 1 - ((p - t) ** 2).sum().item() / ((t - t.mean(0)) ** 2).sum().item()


def train(model, data, val, epochs=40, batch_size=64, lr=5e-3):
    x, t = data
    opt = torch.optim.Adam(model.parameters(), lr=lr)
    history = []
    for ep in range(epochs):
        perm = torch.randperm(len(x))
        running = 0.0
        for i in range(0, len(x), batch_size):
            j = perm[i:i + batch_size]
            opt.zero_grad()
            loss = share_loss(model(x[j]), t[j])
            loss.backward()
            opt.step()
            running += loss.item() * len(j)
        history.append(running / len(x))
        if ep % 5 == 4:
            print(f"ep {ep + 1:3d} loss {history[-1]: .5f} val R2 {share_r2(model, *val):.3f}")
    return history


if __name__ == "__main__":
    torch.manual_seed(17)
    train_data, val_data = simulate(1500, 1), simulate(400, 2)
    net = ShareModel()
    train(net, train_data, val_data)
    print("METRIC r2", round(share_r2(net, *val_data), 4))
