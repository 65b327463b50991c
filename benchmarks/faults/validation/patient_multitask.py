# healthy
import argparse

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

TASK_WEIGHTS = {"severity": 1.0, "readmit": 0.3, "unit": 0.15}


def cohort(n, rng):
    X = rng.normal(size=(n, 10)).astype(np.float32)
    latent = np.tanh(X[:, 0] + 0.5 * X[:, 1] * X[:, 2]) + 0.5 * X[:, 3]
    severity = latent + 0.2 * rng.normal(size=n)
    readmit = (1.5 * latent + X[:, 4] + 0.4 * rng.logistic(size=n) > 0).astype(np.float32)
    scores = np.stack([latent, X[:, 5], X[:, 6] - 0.3, 0.5 * X[:, 7] + 0.2], 1)
    unit = (scores + 0.15 * rng.normal(size=scores.shape)).argmax(1)
    return (torch.from_numpy(X), torch.tensor(severity, dtype=torch.float32),
            torch.from_numpy(readmit), torch.from_numpy(unit))


class MultiTask(nn.Module):
    def __init__(self, n_in, width):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(n_in, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU())
        self.severity = nn.Linear(width, 1)
        self.readmit = nn.Linear(width, 1)
        self.unit = nn.Linear(width, 4)

    def forward(self, x):
        h = self.trunk(x)
        return self.severity(h).squeeze(1), self.readmit(h).squeeze(1), self.unit(h)


def losses(out, batch):
    sev, re, un = out
    _, y_sev, y_re, y_un = batch
    return {
        "severity": nn.functional.mse_loss(sev, y_sev),
        "readmit": nn.functional.binary_cross_entropy_with_logits(re, y_re),
        "unit": nn.functional.cross_entropy(un, y_un),
    }


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=18)
    ap.add_argument("--lr", type=float, default=2e-3)
    ap.add_argument("--width", type=int, default=48)
    ap.add_argument("--batch", type=int, default=64)
    args = ap.parse_args()
    torch.manual_seed(2)
    rng = np.random.default_rng(2)
    train, test = cohort(4000, rng), cohort(1000, rng)
    dl = DataLoader(TensorDataset(*train), batch_size=args.batch, shuffle=True)
    model = MultiTask(10, args.width)
    opt = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.01)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, args.lr, epochs=args.epochs, steps_per_epoch=len(dl))
    for epoch in range(args.epochs):
        model.train()
        sums = dict.fromkeys(TASK_WEIGHTS, 0.0)
        for batch in dl:
            parts = losses(model(batch[0]), batch)
            loss = sum(TASK_WEIGHTS[k] * v for k, v in parts.items())
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
            for k, v in parts.items():
                sums[k] += v.item()
        model.eval()
        with torch.no_grad():
            sev, re, un = model(test[0])
            r2 = 1 - ((sev - test[1]) ** 2).mean() / test[1].var()
            acc_re = ((re > 0) == (test[2] > 0.5)).float().mean()
            acc_un = (un.argmax(1) == test[3]).float().mean()
        msg = " ".join(f"{k}={v / len(dl):.3f}" for k, v in sums.items())
        print(f"epoch {epoch + 1:2d} {msg} | R2 {r2:.3f} readmit acc {acc_re:.3f} unit acc {acc_un:.3f}")


if __name__ == "__main__":
    main()
