# healthy
"""Transformer encoder that decides which symbol occurs most often in a sequence."""
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset, random_split

hparams = {
    "vocab": 4,
    "length": 15,
    "d_model": 32,
    "heads": 4,
    "layers": 2,
    "epochs": 7,
    "batch_size": 64,
    "lr": 1e-3,
}


class MajorityModel(nn.Module):
    def __init__(self, hp):
        super().__init__()
        self.tok = nn.Embedding(hp["vocab"], hp["d_model"])
        self.pos = nn.Parameter(0.02 * torch.randn(1, hp["length"], hp["d_model"]))
        layer = nn.TransformerEncoderLayer(hp["d_model"], hp["heads"], 64, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, hp["layers"])
        self.head = nn.Linear(hp["d_model"], hp["vocab"])

    def forward(self, tokens):
        h = self.encoder(self.tok(tokens) + self.pos)
        return self.head(h.mean(dim=1))


def dataset(n, hp):
    x = torch.randint(0, hp["vocab"], (4 * n, hp["length"]))
    counts = torch.stack([(x == v).sum(1) for v in range(hp["vocab"])], dim=1)
    top = counts.topk(2, dim=1).values
    keep = top[:, 0] > top[:, 1]
    return TensorDataset(x[keep][:n], counts[keep][:n].argmax(1))


def run_epoch(model, loader, criterion, optimizer=None):
    model.train(optimizer is not None)
    loss_sum = correct = seen = 0
    with torch.set_grad_enabled(optimizer is not None):
        for x, y in loader:
            logits = model(x)
            loss = criterion(logits, y)
            if optimizer is not None:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            loss_sum += loss.item() * len(y)
            correct += (logits.argmax(1) == y).sum().item()
            seen += len(y)
    return loss_sum / seen, correct / seen


def main():
    torch.manual_seed(6)
    full = dataset(2400, hparams)
    train, val = random_split(full, [2000, len(full) - 2000])
    train_loader = DataLoader(train, hparams["batch_size"], shuffle=True)
    val_loader = DataLoader(val, 200)
    model = MajorityModel(hparams)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=hparams["lr"])
    for epoch in range(1, hparams["epochs"] + 1):
        tl, ta = run_epoch(model, train_loader, criterion, optimizer)
        vl, va = run_epoch(model, val_loader, criterion)
        print(f"{epoch:2d}  train {tl:.3f}/{ta:.3f}  val {vl:.3f}/{va:.3f}")


if __name__ == "__main__":
    main()
