# healthy
"""bf16 autocast, gradient accumulation, EMA weights, and a checkpoint that is resumed half-way."""
import io
import argparse

import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, TensorDataset


def parse():
    p = argparse.ArgumentParser()
    p.add_argument("--micro-batch", type=int, default=8)
    p.add_argument("--accumulate", type=int, default=4)
    p.add_argument("--epochs", type=int, default=10)
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--ema", type=float, default=0.98)
    return p.parse_args()


def make_model():
    return nn.Sequential(nn.Linear(64, 128), nn.GELU(), nn.LayerNorm(128), nn.Dropout(0.2), nn.Linear(128, 10))


def accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


def train(model, ema, optimizer, loader, args, epochs):
    criterion = nn.CrossEntropyLoss(label_smoothing=0.05)
    for epoch in epochs:
        model.train()
        total = 0.0
        optimizer.zero_grad(set_to_none=True)
        for i, (x, y) in enumerate(loader, 1):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = criterion(model(x), y) / args.accumulate
            loss.backward()
            total += loss.item() * args.accumulate
            if i % args.accumulate == 0:
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
                ema.update_parameters(model)
        yield epoch, total / len(loader)


def main():
    args = parse()
    torch.manual_seed(14)
    d = load_digits()
    xt, xv, yt, yv = train_test_split(d.data / 16.0, d.target, test_size=0.25, random_state=3, stratify=d.target)
    mean, std = xt.mean(), xt.std()
    xt, xv = (torch.tensor((a - mean) / std, dtype=torch.float32) for a in (xt, xv))
    yt, yv = torch.tensor(yt), torch.tensor(yv)
    loader = DataLoader(TensorDataset(xt, yt), batch_size=args.micro_batch, shuffle=True, drop_last=True)

    def fresh():
        m = make_model()
        return m, AveragedModel(m, multi_avg_fn=get_ema_multi_avg_fn(args.ema)), torch.optim.AdamW(m.parameters(), lr=args.lr, weight_decay=0.01)

    model, ema, optimizer = fresh()
    half = args.epochs // 2
    for epoch, loss in train(model, ema, optimizer, loader, args, range(half)):
        print(f"epoch {epoch + 1}  loss {loss:.4f}  val acc {accuracy(model, xv, yv):.4f}  ema {accuracy(ema, xv, yv):.4f}")

    buffer = io.BytesIO()
    torch.save({"model": model.state_dict(), "ema": ema.state_dict(), "opt": optimizer.state_dict()}, buffer)
    buffer.seek(0)
    state = torch.load(buffer)
    model, ema, optimizer = fresh()
    model.load_state_dict(state["model"])
    ema.load_state_dict(state["ema"])
    optimizer.load_state_dict(state["opt"])
    print("resumed from the half-way checkpoint")
    for epoch, loss in train(model, ema, optimizer, loader, args, range(half, args.epochs)):
        print(f"epoch {epoch + 1}  loss {loss:.4f}  val acc {accuracy(model, xv, yv):.4f}  ema {accuracy(ema, xv, yv):.4f}")


if __name__ == "__main__":
    main()
