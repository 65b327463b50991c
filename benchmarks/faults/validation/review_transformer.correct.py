# healthy
import argparse
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

GOOD = "great lovely superb tasty friendly fresh quick clean".split()
BAD = "awful bland rude cold slow dirty stale noisy".split()
NEG = ["not", "hardly"]
FILL = "the food was and place service with our table very so we had".split()
VOCAB = {w: i + 1 for i, w in enumerate(GOOD + BAD + NEG + FILL)}
MAX_LEN = 16


def write_review():
    label = random.randint(0, 1)
    words = []
    for _ in range(4):
        words += random.choices(FILL, k=random.randint(1, 2))
        flip = random.random() < 0.1
        positive = (label == 1) != flip
        if flip:
            words.append(random.choice(NEG))
        words.append(random.choice(GOOD if positive else BAD))
    ids = [VOCAB[w] for w in words][:MAX_LEN]
    return ids + [0] * (MAX_LEN - len(ids)), label


def build(n):
    rows = [write_review() for _ in range(n)]
    return TensorDataset(torch.tensor([r[0] for r in rows]), torch.tensor([r[1] for r in rows]))


class ReviewTransformer(nn.Module):
    def __init__(self, d_model, heads, layers):
        super().__init__()
        self.tok = nn.Embedding(len(VOCAB) + 1, d_model, padding_idx=0)
        self.pos = nn.Parameter(torch.randn(1, MAX_LEN, d_model) * 0.02)
        layer = nn.TransformerEncoderLayer(d_model, heads, dim_feedforward=2 * d_model,
                                           dropout=0.1, batch_first=True)
        self.enc = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.fc = nn.Linear(d_model, 2)

    def forward(self, x):
        pad = x == 0
        h = self.enc(self.tok(x) + self.pos, src_key_padding_mask=pad)
        keep = (~pad).unsqueeze(-1).float()
        return self.fc((h * keep).sum(1) / keep.sum(1))


def run_epoch(model, loader, criterion, optimizer=None):
    train = optimizer is not None
    model.train(train)
    loss_sum = hits = count = 0
    with torch.set_grad_enabled(train):
        for x, y in loader:
            logits = model(x)
            loss = criterion(logits, y)
            if train:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            loss_sum += loss.item() * len(y)
            hits += (logits.argmax(1) == y).sum().item()
            count += len(y)
    return loss_sum / count, hits / count


def main(argv=None):
    ap = argparse.ArgumentParser()
    ap.add_argument("--d-model", type=int, default=32)
    ap.add_argument("--heads", type=int, default=4)
    ap.add_argument("--layers", type=int, default=2)
    ap.add_argument("--batch-size", type=int, default=32)
    ap.add_argument("--learning-rate", type=float, default=1.5e-3)
    ap.add_argument("--epochs", type=int, default=8)
    ap.add_argument("--seed", type=int, default=17)
    args = ap.parse_args(argv)
    random.seed(args.seed)
    torch.manual_seed(args.seed)

    train_dl = DataLoader(build(2200), batch_size=args.batch_size, shuffle=True)
    val_dl = DataLoader(build(500), batch_size=250)
    model = ReviewTransformer(args.d_model, args.heads, args.layers)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=args.learning_rate)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs)
    for epoch in range(1, args.epochs + 1):
        tl, ta = run_epoch(model, train_dl, criterion, optimizer)
        scheduler.step()
        vl, va = run_epoch(model, val_dl, criterion)
        print(f"epoch {epoch} train_loss={tl:.4f} train_acc={ta:.3f} val_loss={vl:.4f} val_acc={va:.3f}")
    print("final val_acc:", va)


if __name__ == "__main__":
    main()
