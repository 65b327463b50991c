# fault: LK101 line 27
import torch
import torch.nn as nn
from sklearn.datasets import make_multilabel_classification
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(11)

TAGS = ["rock", "live", "acoustic", "dance", "sad", "party"]


class TagNet(nn.Module):
    def __init__(self, n_in, n_tags):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(n_in, 64),
            nn.ReLU(),
            nn.Dropout(0.1),
            nn.Linear(64, 32),
            nn.ReLU(),
        )
        self.classifier = nn.Sequential(
            nn.Linear(32, n_tags),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.classifier(self.body(x))


def load():
    X, Y = make_multilabel_classification(
        n_samples=4000, n_features=40, n_classes=len(TAGS), n_labels=2, length=120, random_state=5
    )
    Xtr, Xva, Ytr, Yva = train_test_split(X, Y, test_size=0.25, random_state=0)
    sc = StandardScaler().fit(Xtr)
    as_t = lambda a: torch.tensor(a, dtype=torch.float32)
    return as_t(sc.transform(Xtr)), as_t(sc.transform(Xva)), as_t(Ytr), as_t(Yva)


def main():
    Xtr, Xva, Ytr, Yva = load()
    loader = DataLoader(TensorDataset(Xtr, Ytr), batch_size=100, shuffle=True)
    net = TagNet(Xtr.shape[1], len(TAGS))
    criterion = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(12):
        net.train()
        running = 0.0
        for xb, yb in loader:
            opt.zero_grad()
            loss = criterion(net(xb), yb)
            loss.backward()
            opt.step()
            running += loss.item() * len(xb)
        net.eval()
        with torch.no_grad():
            out = net(Xva)
            pred = (torch.sigmoid(out) > 0.5).int()
            f1 = f1_score(Yva.int(), pred, average="macro")
        print(f"epoch {epoch + 1:2d}  train loss {running / len(Xtr):.4f}  val macro-F1 {f1:.3f}")


if __name__ == "__main__":
    main()
