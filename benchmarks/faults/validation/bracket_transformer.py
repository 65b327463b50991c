# fault: LK401 line 12, 53
"""Does a token sequence contain more 'up' than 'down' moves? Small transformer encoder."""
import torch
import torch.nn as nn

CFG = {
    "vocab": 8,
    "seq_len": 16,
    "d_model": 32,
    "heads": 4,
    "layers": 2,
    "lr": 5e-2,
    "batch_size": 64,
    "epochs": 6,
}


class Encoder(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        d = cfg["d_model"]
        self.tok = nn.Embedding(cfg["vocab"], d)
        self.pos = nn.Parameter(torch.randn(1, cfg["seq_len"], d) * 0.02)
        layer = nn.TransformerEncoderLayer(d, cfg["heads"], dim_feedforward=64, dropout=0.0, batch_first=True)
        self.enc = nn.TransformerEncoder(layer, cfg["layers"])
        self.cls = nn.Linear(d, 3)

    def forward(self, ids):
        h = self.enc(self.tok(ids) + self.pos)
        return self.cls(h.mean(1))


def sample(n, cfg, gen):
    ids = torch.randint(0, cfg["vocab"], (n, cfg["seq_len"]), generator=gen)
    up = (ids < 3).sum(1)
    down = (ids > 4).sum(1)
    label = torch.where(up > down, 2, torch.where(up < down, 0, 1))
    return ids, label


def evaluate(model, ids, label):
    model.eval()
    with torch.no_grad():
        return (model(ids).argmax(-1) == label).float().mean().item()


def train():
    torch.manual_seed(0)
    gen = torch.Generator().manual_seed(123)
    train_ids, train_y = sample(3200, CFG, gen)
    test_ids, test_y = sample(800, CFG, gen)
    model = Encoder(CFG)
    opt = torch.optim.Adam(model.parameters(), lr=CFG["lr"])
    ce = nn.CrossEntropyLoss()
    for epoch in range(CFG["epochs"]):
        model.train()
        total = 0.0
        for idx in torch.randperm(len(train_ids)).split(CFG["batch_size"]):
            loss = ce(model(train_ids[idx]), train_y[idx])
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
            total += loss.item() * len(idx)
        print(f"epoch {epoch}  loss {total / len(train_ids):.4f}  acc {evaluate(model, test_ids, test_y):.4f}")
    print("METRIC accuracy", round(evaluate(model, test_ids, test_y), 4))


if __name__ == "__main__":
    train()
