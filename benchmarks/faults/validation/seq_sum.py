# fault: LK406 line 40, 54
import json
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

CFG = json.loads("""{
  "seed": 17, "n_train": 2500, "n_val": 500, "seq_len": 12, "d_model": 32,
  "epochs": 12, "batch_size": 50, "lr": 0.003, "gamma": 0.85
}""")
torch.manual_seed(CFG["seed"])


def make(n):
    """Value column and marker column; answer: the sum of the two marked values."""
    v = torch.rand(n, CFG["seq_len"]) * 2 - 1
    mark = torch.zeros_like(v)
    for i in range(n):
        mark[i, torch.randperm(CFG["seq_len"])[:2]] = 1.0
    return torch.stack([v, mark], -1), (v * mark).sum(1, keepdim=True)


class Adder(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.inp = nn.Linear(2, d)
        self.lstm = nn.LSTM(d, d, batch_first=True)
        self.out = nn.Linear(d, 1)

    def forward(self, x):
        h, _ = self.lstm(torch.relu(self.inp(x)))
        return self.out(h[:, -1])


class Trainer:
    def __init__(self, cfg):
        self.cfg = cfg
        self.model = Adder(cfg["d_model"])
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=cfg["lr"])
        self.scheduler = torch.optim.lr_scheduler.ExponentialLR(self.optimizer, gamma=cfg["gamma"])
        self.loss = nn.MSELoss()
        self.train_dl = DataLoader(TensorDataset(*make(cfg["n_train"])), batch_size=cfg["batch_size"], shuffle=True)
        self.val_x, self.val_y = make(cfg["n_val"])

    def train_epoch(self):
        self.model.train()
        total = 0.0
        for x, y in self.train_dl:
            self.optimizer.zero_grad()
            loss = self.loss(self.model(x), y)
            loss.backward()
            nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimizer.step()
            self.scheduler.step()
            total += loss.item()
        return total / len(self.train_dl)

    @torch.no_grad()
    def validate(self):
        self.model.eval()
        err = self.loss(self.model(self.val_x), self.val_y).item()
        return err, 1 - err / self.val_y.var().item()

    def fit(self):
        for epoch in range(self.cfg["epochs"]):
            tr = self.train_epoch()
            va, r2 = self.validate()
            print(f"epoch {epoch + 1:02d} train {tr:.4f} val {va:.4f} r2 {r2:.3f}")


if __name__ == "__main__":
    Trainer(CFG).fit()
