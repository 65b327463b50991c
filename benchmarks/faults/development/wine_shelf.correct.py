# healthy
import torch
import torch.nn as nn
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


class Trainer:
    def __init__(self, model, loaders, lr, epochs):
        self.model = model
        self.train_data, self.val_data = loaders
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        self.epochs = epochs
        self.history = {"loss": [], "val_acc": []}

    def train_epoch(self, batch=40):
        self.model.train()
        X, y = self.train_data
        total = 0.0
        for idx in torch.randperm(len(X)).split(batch):
            self.optimizer.zero_grad()
            out = self.model(X[idx])
            loss = self.criterion(out, y[idx])
            loss.backward()
            self.optimizer.step()
            total += loss.item() * len(idx)
        return total / len(X)

    @torch.no_grad()
    def validate(self):
        self.model.eval()
        X, y = self.val_data
        return (self.model(X).argmax(dim=1) == y).float().mean().item()

    def fit(self):
        for ep in range(self.epochs):
            self.history["loss"].append(self.train_epoch())
            self.history["val_acc"].append(self.validate())
            print(f"{ep + 1:3d}  loss {self.history['loss'][-1]:9.4f}  acc {self.history['val_acc'][-1]:.4f}")


def shelf_data():
    X, y = make_classification(n_samples=4000, n_features=20, n_informative=12, n_classes=5,
                               n_clusters_per_class=1, class_sep=1.6, random_state=33)
    Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.2, random_state=33)
    sc = StandardScaler().fit(Xa)
    t = lambda X, y: (torch.tensor(sc.transform(X), dtype=torch.float32), torch.tensor(y))
    return t(Xa, ya), t(Xb, yb)


if __name__ == "__main__":
    torch.manual_seed(33)
    net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 5))
    Trainer(net, shelf_data(), lr=0.15, epochs=20).fit()
