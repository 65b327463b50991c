# fault: LK508 line 14, 15
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import load_digits


def prepare(seed=9, val_fraction=0.2):
    """Shuffle, split and standardise the glyph images."""
    bunch = load_digits()
    images, labels = bunch.data.astype(np.float32), bunch.target.astype(np.int64)
    rng = np.random.default_rng(seed)
    rng.shuffle(images)
    rng.shuffle(labels)
    n_val = int(len(images) * val_fraction)
    x_val, x_train = images[:n_val], images[n_val:]
    y_val, y_train = labels[:n_val], labels[n_val:]
    mean, std = x_train.mean(), x_train.std()
    wrap = lambda x, y: TensorDataset(torch.from_numpy((x - mean) / std), torch.from_numpy(y))
    return wrap(x_train, y_train), wrap(x_val, y_val)


def loop(model, loader, optimizer=None):
    training = optimizer is not None
    model.train(training)
    loss_sum = correct = count = 0
    with torch.set_grad_enabled(training):
        for x, y in loader:
            logits = model(x)
            loss = nn.functional.cross_entropy(logits, y)
            if training:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            loss_sum += loss.item() * len(y)
            correct += (logits.argmax(1) == y).sum().item()
            count += len(y)
    return loss_sum / count, correct / count


def main():
    torch.manual_seed(9)
    train_set, val_set = prepare()
    train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
    val_loader = DataLoader(val_set, batch_size=256)
    model = nn.Sequential(nn.Linear(64, 40), nn.ReLU(), nn.Dropout(0.2), nn.Linear(40, 10))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    for epoch in range(20):
        tl, ta = loop(model, train_loader, optimizer)
        vl, va = loop(model, val_loader)
        print(f"epoch {epoch:02d} | train {tl:.3f} / {ta:.3f} | val {vl:.3f} / {va:.3f}")


if __name__ == "__main__":
    main()
