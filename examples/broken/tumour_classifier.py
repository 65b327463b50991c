"""A classifier of breast tumours whose loss jumps about and whose accuracy stays poor."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from torch import nn


def main():
    torch.manual_seed(1)
    X, y = load_breast_cancer(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=1, stratify=y)
    X_train = torch.tensor(X_train, dtype=torch.float32)
    X_test = torch.tensor(X_test, dtype=torch.float32)
    y_train = torch.tensor(y_train, dtype=torch.float32)
    y_test = torch.tensor(y_test, dtype=torch.float32)

    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

    for epoch in range(30):
        model.train()
        for batch in torch.randperm(len(X_train)).split(32):
            logits = model(X_train[batch]).squeeze(1)
            loss = F.binary_cross_entropy_with_logits(logits, y_train[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if epoch % 5 == 4:
            model.eval()
            with torch.no_grad():
                logits = model(X_test).squeeze(1)
                test_loss = F.binary_cross_entropy_with_logits(logits, y_test)
                accuracy = ((logits > 0).float() == y_test).float().mean()
            print(f"epoch {epoch + 1}: loss {loss.item():.4f}, test loss {test_loss:.4f}, accuracy {accuracy:.3f}")


if __name__ == "__main__":
    main()
