# healthy
"""Small convolutional reader for the 8x8 digits printed on parcels."""
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset


def loaders(batch_size):
    images, labels = load_digits(return_X_y=True)
    images = torch.tensor(images / 16.0, dtype=torch.float32).view(-1, 1, 8, 8)
    images = (images - images.mean()) / images.std()
    labels = torch.tensor(labels)
    tr, va = train_test_split(range(len(labels)), test_size=0.3, random_state=1, stratify=labels)
    train = DataLoader(TensorDataset(images[tr], labels[tr]), batch_size=batch_size, shuffle=True)
    valid = DataLoader(TensorDataset(images[va], labels[va]), batch_size=256)
    return train, valid


def network():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))


def run_epoch(model, loader, loss_fn, optimiser=None):
    training = optimiser is not None
    model.train(training)
    total = hits = seen = 0
    with torch.set_grad_enabled(training):
        for x, y in loader:
            out = model(x)
            loss = loss_fn(out, y)
            if training:
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
            total += loss.item() * len(y)
            hits += (out.argmax(1) == y).sum().item()
            seen += len(y)
    return total / seen, hits / seen


def main(epochs=18):
    torch.manual_seed(13)
    train, valid = loaders(32)
    model = network()
    loss_fn = nn.CrossEntropyLoss()
    optimiser = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    scheduler = optim.lr_scheduler.ReduceLROnPlateau(optimiser, mode="max", factor=0.2, patience=1)
    for epoch in range(epochs):
        tr_loss, tr_acc = run_epoch(model, train, loss_fn, optimiser)
        va_loss, va_acc = run_epoch(model, valid, loss_fn)
        scheduler.step(va_acc)
        print(f"{epoch:02d} train {tr_loss:.4f}/{tr_acc:.4f} valid {va_loss:.4f}/{va_acc:.4f} "
              f"lr {optimiser.param_groups[0]['lr']:.1e}")


if __name__ == "__main__":
    main()
