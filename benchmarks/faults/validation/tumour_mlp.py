# fault: LK104 or LK103 line 31, 51
from dataclasses import dataclass

import torch
import torch.nn as nn
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


@dataclass
class Config:
    hidden: int = 16
    lr: float = 1e-3
    batch: int = 32
    epochs: int = 20
    weight_decay: float = 1e-3
    seed: int = 5


class TumourMLP(nn.Module):
    def __init__(self, n_features, cfg):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(n_features, cfg.hidden),
            nn.ReLU(),
            nn.Linear(cfg.hidden, cfg.hidden),
            nn.ReLU(),
        )
        self.head = nn.Linear(cfg.hidden, 1)

    def forward(self, x):
        return self.head(self.body(x))


def get_tensors(seed):
    data = load_breast_cancer()
    Xa, Xb, ya, yb = train_test_split(data.data, 1 - data.target, test_size=0.3, random_state=seed,
                                      stratify=data.target)
    scaler = StandardScaler().fit(Xa)
    as_x = lambda a: torch.tensor(scaler.transform(a), dtype=torch.float32)
    as_y = lambda a: torch.tensor(a, dtype=torch.float32).view(-1, 1)
    return as_x(Xa), as_y(ya), as_x(Xb), as_y(yb)


def run(cfg: Config):
    torch.manual_seed(cfg.seed)
    x_train, y_train, x_test, y_test = get_tensors(cfg.seed)
    model = TumourMLP(x_train.shape[1], cfg)
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=cfg.weight_decay)

    for epoch in range(1, cfg.epochs + 1):
        model.train()
        epoch_loss = 0.0
        perm = torch.randperm(len(x_train))
        for chunk in perm.split(cfg.batch):
            scores = model(x_train[chunk])
            loss = loss_fn(scores, y_train[chunk])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            epoch_loss += loss.item() * len(chunk)
        if epoch % 4 == 0:
            print(f"[{epoch:02d}/{cfg.epochs}] train loss = {epoch_loss / len(x_train):.4f}")

    model.eval()
    with torch.no_grad():
        prob = torch.sigmoid(model(x_test)).squeeze(1).numpy()
    y_true = y_test.squeeze(1).numpy()
    print("AUC", round(roc_auc_score(y_true, prob), 4))
    print("METRIC accuracy", round(accuracy_score(y_true, prob > 0.5), 4))


run(Config())
