# healthy
"""Digits as a sequence of 8 rows, read by a small transformer encoder."""
import torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

CONFIG = {
    "d_model": 48,
    "heads": 4,
    "layers": 2,
    "batch": 64,
    "epochs": 20,
    "lr": 0.02,
    "warmup_steps": 15,
    "momentum": 0.9,
}


class RowTransformer(nn.Module):
    def __init__(self, d_model, heads, layers):
        super().__init__()
        self.embed = nn.Linear(8, d_model)
        self.position = nn.Parameter(torch.randn(1, 8, d_model) * 0.02)
        layer = nn.TransformerEncoderLayer(d_model, heads, 2 * d_model, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers)
        self.classify = nn.Linear(d_model, 10)

    def forward(self, images):
        h = self.encoder(self.embed(images) + self.position)
        return self.classify(h.mean(dim=1))


class Trainer:
    def __init__(self, model, cfg, train, valid):
        self.model, self.cfg = model, cfg
        self.x, self.y = train
        self.xv, self.yv = valid
        self.loss_fn = nn.CrossEntropyLoss()
        self.opt = torch.optim.SGD(model.parameters(), lr=cfg["lr"], momentum=cfg["momentum"])
        warmup = cfg["warmup_steps"]
        self.sched = torch.optim.lr_scheduler.LambdaLR(self.opt, lambda step: min(1.0, (step + 1) / warmup))

    def epoch(self):
        self.model.train()
        total = 0.0
        for idx in torch.randperm(len(self.x)).split(self.cfg["batch"]):
            loss = self.loss_fn(self.model(self.x[idx]), self.y[idx])
            self.opt.zero_grad()
            loss.backward()
            self.opt.step()
            self.sched.step()
            total += loss.item() * len(idx)
        return total / len(self.x)

    @torch.no_grad()
    def evaluate(self):
        self.model.eval()
        out = self.model(self.xv)
        return self.loss_fn(out, self.yv).item(), (out.argmax(1) == self.yv).float().mean().item()

    def run(self):
        for e in range(self.cfg["epochs"]):
            train_loss = self.epoch()
            val_loss, acc = self.evaluate()
            if e % 4 == 0:
                print(f"[{e:02d}] train {train_loss:.4f} val {val_loss:.4f} acc {acc:.3f}")


if __name__ == "__main__":
    torch.manual_seed(1)
    data = load_digits()
    a, b, c, d = train_test_split(data.images / 16.0, data.target, test_size=0.2, random_state=1, stratify=data.target)
    train = torch.tensor(a).float(), torch.tensor(c)
    valid = torch.tensor(b).float(), torch.tensor(d)
    net = RowTransformer(CONFIG["d_model"], CONFIG["heads"], CONFIG["layers"])
    Trainer(net, CONFIG, train, valid).run()
