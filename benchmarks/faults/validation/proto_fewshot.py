# healthy
"""Prototypical network: 5-way 3-shot episodes; the test classes are never seen in training."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

WAY, SHOT, QUERY = 5, 3, 5
N_EPISODES, EVAL_EVERY = 600, 60
DIM, PER_CLASS = 32, 20


def make_alphabet(n_classes, mix, rng):
    """Characters: class identity lives in 5 hidden factors, the rest of the 32 pixels is loud style noise."""
    ident = rng.normal(size=(n_classes, 1, 5)) * 1.6 + 0.3 * rng.normal(size=(n_classes, PER_CLASS, 5))
    style = 1.6 * rng.normal(size=(n_classes, PER_CLASS, 11))
    z = np.concatenate([ident, style], axis=-1) @ mix
    return torch.tensor(np.tanh(z / 3.0) * 1.5, dtype=torch.float32)


class Embed(nn.Module):
    def __init__(self, dim, hidden=96, out=24):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(dim, hidden), nn.ReLU(),
            nn.Linear(hidden, hidden), nn.ReLU(),
            nn.Linear(hidden, out),
        )

    def forward(self, x):
        return self.net(x)


def episode(data, rng):
    classes = rng.choice(len(data), WAY, replace=False)
    support, query = [], []
    for c in classes:
        pick = rng.choice(PER_CLASS, SHOT + QUERY, replace=False)
        support.append(data[c, pick[:SHOT]])
        query.append(data[c, pick[SHOT:]])
    labels = torch.arange(WAY).repeat_interleave(QUERY)
    return torch.stack(support), torch.cat(query), labels


def proto_logits(model, support, query):
    protos = model(support.view(-1, DIM)).view(WAY, SHOT, -1).mean(1)
    return -torch.cdist(model(query), protos).pow(2)


def meta_test(model, data, rng, n=100):
    model.eval()
    hits = []
    with torch.no_grad():
        for _ in range(n):
            s, q, t = episode(data, rng)
            hits.append((proto_logits(model, s, q).argmax(1) == t).float().mean().item())
    model.train()
    return float(np.mean(hits))


def main():
    torch.manual_seed(6)
    rng = np.random.default_rng(6)
    mix = rng.normal(size=(16, DIM)) / 2.0
    background = make_alphabet(150, mix, rng)
    evaluation = make_alphabet(40, mix, rng)
    model = Embed(DIM)
    print("before training:", meta_test(model, evaluation, rng))
    optimizer = torch.optim.Adam(model.parameters(), lr=1.5e-3)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 200, 0.5)
    window = []
    for ep in range(1, N_EPISODES + 1):
        support, query, target = episode(background, rng)
        loss = F.cross_entropy(proto_logits(model, support, query), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        window.append(loss.item())
        if ep % EVAL_EVERY == 0:
            print(f"episode {ep}: loss {np.mean(window):.4f} unseen-class accuracy "
                  f"{meta_test(model, evaluation, rng):.4f}")
            window = []


if __name__ == "__main__":
    main()
