# healthy
"""Prototypical network: 5-way 3-shot episodes, new classes at test time."""
import torch
from torch import nn

torch.manual_seed(61)
DIM, LATENT = 40, 5
mixing = torch.randn(LATENT, DIM)


def world(classes, per_class):
    centre = torch.randn(classes, 1, LATENT)
    z = centre + 0.35 * torch.randn(classes, per_class, LATENT)
    return torch.tanh(z @ mixing * 0.6) + 0.8 * torch.randn(classes, per_class, DIM)


def episode(data, way=5, shot=3, query=6):
    picked = data[torch.randperm(len(data))[:way]]
    order = torch.randperm(picked.shape[1])
    return picked[:, order[:shot]], picked[:, order[shot:shot + query]]


def logits(net, support, query):
    way = len(support)
    proto = net(support.flatten(0, 1)).view(way, -1, 16).mean(1)
    q = net(query.flatten(0, 1))
    return -torch.cdist(q, proto) ** 2, torch.arange(way).repeat_interleave(query.shape[1])


seen, unseen = world(120, 30), world(40, 30)
net = nn.Sequential(nn.Linear(DIM, 64), nn.ReLU(), nn.Linear(64, 16))
opt = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-4)
run = None
for step in range(1, 1501):
    net.train()
    score, label = logits(net, *episode(seen))
    loss = nn.functional.cross_entropy(score, label)
    opt.zero_grad()
    loss.backward()
    opt.step()
    run = loss.item() if run is None else 0.98 * run + 0.02 * loss.item()
    if step % 300 == 0:
        net.eval()
        hit = []
        with torch.no_grad():
            for _ in range(100):
                score, label = logits(net, *episode(unseen))
                hit.append((score.argmax(1) == label).float().mean())
        print(f"episode {step} smoothed loss {run:.3f} new-class acc {torch.stack(hit).mean().item():.3f}")
