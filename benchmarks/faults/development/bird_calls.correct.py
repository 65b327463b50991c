# healthy
"""Bird species from call descriptors, labels bought from an annotation service.

Every clip carries the species the annotator chose and how sure they said they
were (1 = guess .. 5 = certain). A reference set was labelled by experts.
"""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SPECIES = ["wren", "robin", "dunnock", "siskin", "linnet"]


def clips(rng, n):
    species = rng.integers(0, len(SPECIES), n)
    centres = np.random.default_rng(7).normal(0, 1.15, (len(SPECIES), 12))
    calls = centres[species] + rng.normal(0, 1.0, (n, 12))
    return calls.astype(np.float32), species


def annotate(rng, species):
    sure = rng.choice([1, 2, 3, 4, 5], size=len(species), p=[0.42, 0.25, 0.03, 0.1, 0.2])
    confused = (species + rng.choice([1, 2], len(species))) % len(SPECIES)
    wrong = rng.random(len(species)) < np.array([0, 0.85, 0.75, 0.25, 0.02, 0.01])[sure]
    return np.where(wrong, confused, species), sure


def main():
    rng = np.random.default_rng(40)
    torch.manual_seed(40)
    calls, truth = clips(rng, 6000)
    label, sure = annotate(rng, truth)
    ref_calls, ref_label = clips(rng, 1000)

    rows = sure >= 4
    mu, sd = calls[rows].mean(0), calls[rows].std(0)
    x = torch.from_numpy((calls[rows] - mu) / sd)
    y = torch.from_numpy(label[rows])
    xr, yr = torch.from_numpy((ref_calls - mu) / sd), torch.from_numpy(ref_label)
    print("clips used:", len(y), "of", len(label))

    net = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, len(SPECIES)))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)
    for epoch in range(1, 31):
        net.train()
        losses = []
        for idx in torch.randperm(len(y)).split(64):
            opt.zero_grad()
            loss = F.cross_entropy(net(x[idx]), y[idx])
            loss.backward()
            opt.step()
            losses.append(loss.item())
        net.eval()
        with torch.no_grad():
            out = net(xr)
        acc = (out.argmax(1) == yr).float().mean().item()
        if epoch % 6 == 0:
            print(f"epoch {epoch:2d} train loss {np.mean(losses):.3f} "
                  f"reference loss {F.cross_entropy(out, yr).item():.3f} acc {acc:.3f}")


main()
