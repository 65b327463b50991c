# fault: LK505 line 19, 22, 23
"""Wine cultivar classifier."""
import torch
import torch.nn as nn
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

CFG = {
    "hidden": 32,
    "lr": 0.05,
    "epochs": 40,
    "batch_size": 16,
    "seed": 1,
}


def load():
    data = load_wine()
    X_train, X_test, y_train, y_test = train_test_split(
        data.data, data.target, test_size=0.3, stratify=data.target, random_state=CFG["seed"])
    return (
        torch.tensor(X_train, dtype=torch.float32),
        torch.tensor(X_test, dtype=torch.float32),
        torch.tensor(y_train, dtype=torch.long),
        torch.tensor(y_test, dtype=torch.long),
    )


class WineNet(nn.Module):
    def __init__(self, n_features, hidden, n_classes):
        super().__init__()
        self.fc1 = nn.Linear(n_features, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.fc3 = nn.Linear(hidden, n_classes)

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        return self.fc3(x)


def main():
    torch.manual_seed(CFG["seed"])
    X_train, X_test, y_train, y_test = load()
    model = WineNet(X_train.shape[1], CFG["hidden"], 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=CFG["lr"])
    loss_func = nn.CrossEntropyLoss()

    for epoch in range(CFG["epochs"]):
        model.train()
        perm = torch.randperm(X_train.size(0))
        running_loss, n_batches = 0.0, 0
        for start in range(0, len(perm), CFG["batch_size"]):
            batch = perm[start:start + CFG["batch_size"]]
            optimizer.zero_grad()
            output = model(X_train[batch])
            loss = loss_func(output, y_train[batch])
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
            n_batches += 1
        if (epoch + 1) % 5 == 0:
            model.eval()
            with torch.no_grad():
                acc = (model(X_test).argmax(1) == y_test).float().mean().item()
            print(f"Epoch {epoch + 1}/{CFG['epochs']} loss={running_loss / n_batches:.4f} test_acc={acc:.3f}")


if __name__ == "__main__":
    main()
