# healthy
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

rng = np.random.RandomState(5)
torch.manual_seed(5)

N = 6000
CARDS = {"store": 60, "product": 80, "weekday": 7}


def make_data():
    store = rng.randint(0, CARDS["store"], N)
    product = rng.randint(0, CARDS["product"], N)
    day = rng.randint(0, CARDS["weekday"], N)
    promo = rng.rand(N)
    price = rng.randn(N)
    store_eff = rng.randn(CARDS["store"])
    prod_eff = rng.randn(CARDS["product"])
    day_eff = 0.5 * rng.randn(7)
    y = store_eff[store] + prod_eff[product] + day_eff[day] + 0.8 * promo - 0.5 * price + 0.2 * rng.randn(N)
    y = (y - y.mean()) / y.std()
    cats = np.stack([store, product, day], 1)
    nums = np.stack([(promo - 0.5) / 0.29, price], 1)
    return (torch.as_tensor(cats, dtype=torch.long),
            torch.as_tensor(nums, dtype=torch.float32),
            torch.as_tensor(y, dtype=torch.float32))


class TabularModel(nn.Module):
    def __init__(self, cardinalities, n_cont, emb_dim=4, hidden=48):
        super().__init__()
        self.embeddings = nn.ModuleList([nn.Embedding(c, emb_dim) for c in cardinalities])
        self.layers = nn.Sequential(
            nn.Linear(emb_dim * len(cardinalities) + n_cont, hidden),
            nn.ReLU(),
            nn.Linear(hidden, 1),
        )

    def forward(self, cats, conts):
        x = [e(cats[:, i]) for i, e in enumerate(self.embeddings)]
        x = torch.cat(x + [conts], 1)
        return self.layers(x).squeeze(1)


class Trainer:
    def __init__(self, model, lr=5e-3, epochs=14):
        self.model = model
        self.epochs = epochs
        self.loss_fn = nn.MSELoss()
        self.opt = torch.optim.Adam(self.model.parameters(), lr=lr)
        self.sched = torch.optim.lr_scheduler.StepLR(self.opt, step_size=5, gamma=0.5)

    def fit(self, train_dl, valid_dl):
        for ep in range(self.epochs):
            self.model.train()
            tot = 0.0
            for cats, conts, y in train_dl:
                loss = self.loss_fn(self.model(cats, conts), y)
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
                tot += loss.item() * len(y)
            self.sched.step()
            print(f"ep {ep}: train mse {tot / len(train_dl.dataset):.4f}  valid R2 {self.score(valid_dl):.4f}")

    @torch.no_grad()
    def score(self, dl):
        self.model.eval()
        out = [(self.model(c, n), y) for c, n, y in dl]
        p = torch.cat([o[0] for o in out])
        y = torch.cat([o[1] for o in out])
        return 1 - ((p - y).pow(2).mean() / y.var()).item()


ds = TensorDataset(*make_data())
train_ds, valid_ds = random_split(ds, [4800, 1200])
trainer = Trainer(TabularModel(list(CARDS.values()), 2))
valid_dl = DataLoader(valid_ds, 512)
trainer.fit(DataLoader(train_ds, 64, shuffle=True), valid_dl)
print("valid R2 =", trainer.score(valid_dl))
