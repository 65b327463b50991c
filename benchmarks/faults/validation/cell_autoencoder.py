# fault: LK105 line 24, 42
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset

CONFIG = {
    "latent_dim": 8,
    "hidden": 48,
    "lr": 6e-3,
    "batch_size": 32,
    "epochs": 50,
    "seed": 0,
}


def load_data(seed):
    X = load_breast_cancer().data
    X_train, X_test = train_test_split(X, test_size=0.25, random_state=seed)
    scaler = StandardScaler().fit(X_train)
    X_train = scaler.transform(X_train).clip(-4, 4).astype(np.float32)
    X_test = scaler.transform(X_test).clip(-4, 4).astype(np.float32)
    return torch.from_numpy(X_train), torch.from_numpy(X_test)


class AutoEncoder(nn.Module):
    def __init__(self, n_features, hidden, latent_dim):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(n_features, hidden),
            nn.ReLU(),
            nn.Linear(hidden, latent_dim),
        )
        self.decoder = nn.Sequential(
            nn.Linear(latent_dim, hidden),
            nn.ReLU(),
            nn.Linear(hidden, n_features),
            nn.Sigmoid(),
        )

    def forward(self, x):
        z = self.encoder(x)
        return self.decoder(z)


def run(cfg):
    torch.manual_seed(cfg["seed"])
    X_train, X_test = load_data(cfg["seed"])
    loader = DataLoader(TensorDataset(X_train), batch_size=cfg["batch_size"], shuffle=True)
    net = AutoEncoder(X_train.shape[1], cfg["hidden"], cfg["latent_dim"])
    opt = torch.optim.Adam(net.parameters(), lr=cfg["lr"])
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, cfg["epochs"])
    mse = nn.MSELoss()
    for epoch in range(cfg["epochs"]):
        net.train()
        losses = []
        for (xb,) in loader:
            rec = net(xb)
            loss = mse(rec, xb)
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        sched.step()
        net.eval()
        with torch.no_grad():
            val = mse(net(X_test), X_test).item()
        if (epoch + 1) % 5 == 0:
            print(f"[{epoch + 1:03d}] reconstruction train={np.mean(losses):.4f} test={val:.4f}")
    with torch.no_grad():
        rec = net(X_test).numpy()
    return r2_score(X_test.numpy(), rec, multioutput="variance_weighted")


if __name__ == "__main__":
    print("explained variance on held-out cells: %.4f" % run(CONFIG))
