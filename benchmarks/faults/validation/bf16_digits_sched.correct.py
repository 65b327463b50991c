# healthy
import argparse

import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, TensorDataset, random_split


class ResBlock(nn.Module):
    def __init__(self, ch):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(ch, ch, 3, padding=1, bias=False), nn.BatchNorm2d(ch), nn.ReLU(),
            nn.Conv2d(ch, ch, 3, padding=1, bias=False), nn.BatchNorm2d(ch),
        )

    def forward(self, x):
        return torch.relu(x + self.body(x))


def make_model(ch=16):
    return nn.Sequential(
        nn.Conv2d(1, ch, 3, stride=2, padding=1), nn.ReLU(),
        ResBlock(ch),
        nn.AdaptiveAvgPool2d(2), nn.Flatten(),
        nn.Linear(4 * ch, 10),
    )


def get_args():
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=9)
    ap.add_argument("--batch-size", type=int, default=32)
    ap.add_argument("--lr", type=float, default=0.02)
    ap.add_argument("--step-size", type=int, default=3)
    ap.add_argument("--gamma", type=float, default=0.3)
    ap.add_argument("--no-amp", action="store_true")
    ap.add_argument("--seed", type=int, default=4)
    return ap.parse_args()


def test(model, loader):
    model.eval()
    right = total = 0
    with torch.no_grad():
        for x, y in loader:
            right += (model(x).argmax(1) == y).sum().item()
            total += y.numel()
    return right / total


def main():
    args = get_args()
    torch.manual_seed(args.seed)
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1)
    images = (images - images.mean()) / images.std()
    full = TensorDataset(images, torch.tensor(digits.target))
    train_set, test_set = random_split(full, [1400, len(full) - 1400])
    train_loader = DataLoader(train_set, args.batch_size, shuffle=True, drop_last=True)
    test_loader = DataLoader(test_set, 256)

    model = make_model()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)
    scheduler = StepLR(optimizer, step_size=args.step_size, gamma=args.gamma)

    for epoch in range(1, args.epochs + 1):
        model.train()
        loss_sum = 0.0
        for x, y in train_loader:
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=not args.no_amp):
                out = model(x)
                loss = criterion(out, y)
            loss.backward()
            optimizer.step()
            loss_sum += loss.item()
        scheduler.step()
        acc = test(model, test_loader)
        print(f"Epoch {epoch}: lr {optimizer.param_groups[0]['lr']:.2e} "
              f"loss {loss_sum / len(train_loader):.4f} test acc {acc:.4f}")
    print("test accuracy", acc)


if __name__ == "__main__":
    main()
