# fault: LK112 line 17, 37
"""Assign any number of topics to a bag-of-words document."""
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import make_multilabel_classification
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset


class Trainer:
    def __init__(self, model, lr=4e-3, epochs=25):
        self.model = model
        self.epochs = epochs
        self.optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        self.criterion = nn.CrossEntropyLoss()

    def fit(self, train_loader, val_loader):
        for epoch in range(self.epochs):
            self.model.train()
            losses = [self.step(x, y) for x, y in train_loader]
            if epoch % 4 == 0 or epoch == self.epochs - 1:
                micro, exact = self.evaluate(val_loader)
                print(f"epoch {epoch}: loss {np.mean(losses):.4f}  micro-F1 {micro:.3f}  exact match {exact:.3f}")

    def step(self, x, y):
        self.optimizer.zero_grad()
        loss = self.criterion(self.model(x), y)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def predict(self, x):
        self.model.eval()
        with torch.no_grad():
            return (torch.softmax(self.model(x), dim=1) > 0.5).int().numpy()

    def evaluate(self, loader):
        pred = np.concatenate([self.predict(x) for x, _ in loader])
        true = np.concatenate([y.numpy() for _, y in loader]).astype(int)
        return f1_score(true, pred, average="micro"), (pred == true).all(1).mean()


def load():
    docs, topics = make_multilabel_classification(
        n_samples=2400, n_features=60, n_classes=6, n_labels=3, length=60, random_state=3)
    x_tr, x_va, y_tr, y_va = train_test_split(docs, topics, test_size=0.25, random_state=3)
    mean, std = x_tr.mean(0), x_tr.std(0) + 1e-6
    pack = lambda x, y: TensorDataset(torch.tensor((x - mean) / std, dtype=torch.float32),
                                      torch.tensor(y, dtype=torch.float32))
    return DataLoader(pack(x_tr, y_tr), batch_size=64, shuffle=True), DataLoader(pack(x_va, y_va), batch_size=256)


if __name__ == "__main__":
    torch.manual_seed(17)
    train_loader, val_loader = load()
    model = nn.Sequential(nn.Linear(60, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 6))
    Trainer(model, epochs=15).fit(train_loader, val_loader)
