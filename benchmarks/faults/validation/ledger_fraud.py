# fault: LK503 line 59
"""Flag suspicious ledger entries (rare event)."""
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score, recall_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

config = {
    "n_rows": 6000,
    "batch_size": 64,
    "lr": 1e-3,
    "epochs": 10,
    "hidden": 32,
    "seed": 29,
}


def get_data(cfg):
    X, y = make_classification(n_samples=cfg["n_rows"], n_features=14, n_informative=7, n_redundant=2,
                               n_clusters_per_class=2, weights=[0.96], class_sep=0.75, flip_y=0.0,
                               random_state=cfg["seed"])
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.3, stratify=y, random_state=cfg["seed"])
    sc = StandardScaler().fit(X_tr)
    to_t = lambda a: torch.tensor(a, dtype=torch.float32)
    return to_t(sc.transform(X_tr)), to_t(y_tr), to_t(sc.transform(X_te)), to_t(y_te)


class FlagNet(nn.Module):
    def __init__(self, n_in, hidden):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_in, hidden),
            nn.ReLU(),
            nn.Linear(hidden, 1),
        )

    def forward(self, x):
        return self.net(x).squeeze(1)


def report(model, X, y):
    model.eval()
    with torch.no_grad():
        flagged = (torch.sigmoid(model(X)) > 0.5).int().numpy()
    truth = y.int().numpy()
    return balanced_accuracy_score(truth, flagged), recall_score(truth, flagged)


def main():
    torch.manual_seed(config["seed"])
    X_tr, y_tr, X_te, y_te = get_data(config)
    print("suspicious share:", round(y_tr.mean().item(), 4))
    loader = DataLoader(TensorDataset(X_tr, y_tr), batch_size=config["batch_size"], shuffle=True)
    model = FlagNet(X_tr.shape[1], config["hidden"])
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=config["lr"])

    for epoch in range(config["epochs"]):
        model.train()
        losses = []
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        bal, rec = report(model, X_te, y_te)
        print(f"Epoch {epoch + 1}/{config['epochs']} loss={np.mean(losses):.4f} "
              f"balanced_acc={bal:.3f} recall={rec:.3f}")


if __name__ == "__main__":
    main()
