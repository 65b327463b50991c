# healthy
"""Shared trunk, three heads: length of stay (regression), readmission (binary, hard), ward (5 classes)."""
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.metrics import r2_score, roc_auc_score


@dataclass
class Setup:
    epochs: int = 15
    lr: float = 1.5e-3
    batch: int = 64
    weights: dict = field(default_factory=lambda: {"stay": 1.0, "readmit": 0.3, "ward": 0.7})


def cohort(n, seed):
    r = np.random.default_rng(seed)
    x = r.normal(size=(n, 14))
    stay = 0.8 * x[:, 0] + 0.5 * x[:, 1] * x[:, 2] + r.normal(0, 0.4, n)
    # readmission is close to a coin toss
    readmit = (r.random(n) < 1 / (1 + np.exp(-(0.35 * x[:, 3] - 0.3 * x[:, 0])))).astype(np.float32)
    w = np.random.default_rng(0).normal(size=(14, 5))
    ward = (x @ w + r.gumbel(0, 0.7, (n, 5))).argmax(1)
    t = lambda a: torch.tensor(a, dtype=torch.float32)
    return t(x), {"stay": t(stay), "readmit": t(readmit), "ward": torch.tensor(ward)}


class MultiHead(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(14, 48), nn.ReLU(), nn.Linear(48, 32), nn.ReLU())
        self.heads = nn.ModuleDict({"stay": nn.Linear(32, 1), "readmit": nn.Linear(32, 1), "ward": nn.Linear(32, 5)})

    def forward(self, x):
        h = self.trunk(x)
        return {k: m(h) for k, m in self.heads.items()}


def losses(out, y):
    return {
        "stay": F.smooth_l1_loss(out["stay"].squeeze(1), y["stay"]),
        "readmit": F.binary_cross_entropy_with_logits(out["readmit"].squeeze(1), y["readmit"]),
        "ward": F.cross_entropy(out["ward"], y["ward"]),
    }


def evaluate(model, x, y):
    model.eval()
    with torch.no_grad():
        o = model(x)
    return (r2_score(y["stay"], o["stay"].squeeze(1)),
            roc_auc_score(y["readmit"], o["readmit"].squeeze(1)),
            (o["ward"].argmax(1) == y["ward"]).float().mean().item())


def main(cfg=Setup()):
    torch.manual_seed(20)
    x, y = cohort(5000, 1)
    xv, yv = cohort(1200, 2)
    model = MultiHead()
    opt = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=1e-3)
    for ep in range(cfg.epochs):
        model.train()
        log = {k: 0.0 for k in cfg.weights}
        for idx in torch.randperm(len(x)).split(cfg.batch):
            parts = losses(model(x[idx]), {k: v[idx] for k, v in y.items()})
            loss = sum(cfg.weights[k] * parts[k] for k in parts)
            opt.zero_grad()
            loss.backward()
            opt.step()
            for k in log:
                log[k] += parts[k].item() * len(idx) / len(x)
        if ep % 3 == 2:
            r2, auc, acc = evaluate(model, xv, yv)
            print(f"ep {ep + 1}", {k: round(v, 3) for k, v in log.items()}, f"| r2 {r2:.3f} auc {auc:.3f} ward {acc:.3f}")
    print(f"METRIC r2 {r2:.4f} auc {auc:.4f} ward_acc {acc:.4f}")


if __name__ == "__main__":
    main()
