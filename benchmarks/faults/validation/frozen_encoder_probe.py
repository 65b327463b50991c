# healthy
"""Stage 1: denoising autoencoder without labels. Stage 2: small head on the fixed encoder, few labels."""
import torch
from torch import nn, optim
from sklearn.datasets import load_digits

torch.manual_seed(19)
digits = load_digits()
perm = torch.randperm(len(digits.data))
X = torch.tensor(digits.data / 16.0, dtype=torch.float32)[perm]
y = torch.tensor(digits.target)[perm]
X_unlab, X_lab, y_lab, X_test, y_test = X[:1000], X[1000:1400], y[1000:1400], X[1400:], y[1400:]

encoder = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 48), nn.ReLU())
decoder = nn.Sequential(nn.Linear(48, 128), nn.ReLU(), nn.Linear(128, 64))


def pretrain(epochs=15):
    opt = optim.Adam(list(encoder.parameters()) + list(decoder.parameters()), lr=2e-3)
    for e in range(epochs):
        tot = 0.0
        for idx in torch.randperm(len(X_unlab)).split(50):
            xb = X_unlab[idx]
            noisy = xb + 0.1 * torch.randn_like(xb)
            loss = nn.functional.mse_loss(decoder(encoder(noisy)), xb)
            opt.zero_grad()
            loss.backward()
            opt.step()
            tot += loss.item() * len(idx)
        print(f"pretrain {e + 1}: mse {tot / len(X_unlab):.5f}")


class Probe(nn.Module):
    def __init__(self, encoder, n_classes):
        super().__init__()
        self.encoder = encoder
        for p in self.encoder.parameters():
            p.requires_grad_(False)
        self.norm = nn.BatchNorm1d(48)
        self.head = nn.Linear(48, n_classes)

    def train(self, mode=True):
        super().train(mode)
        self.encoder.eval()
        return self

    def forward(self, x):
        with torch.no_grad():
            z = self.encoder(x)
        return self.head(self.norm(z))


def finetune(epochs=40):
    model = Probe(encoder, 10)
    trainable = [p for p in model.parameters() if p.requires_grad]
    print("trainable:", sum(p.numel() for p in trainable), "of", sum(p.numel() for p in model.parameters()))
    opt = optim.AdamW(trainable, lr=1e-2, weight_decay=1e-2)
    sched = optim.lr_scheduler.CosineAnnealingLR(opt, epochs)
    for e in range(epochs):
        model.train()
        tot = 0.0
        for idx in torch.randperm(len(X_lab)).split(40):
            loss = nn.functional.cross_entropy(model(X_lab[idx]), y_lab[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            tot += loss.item() * len(idx)
        sched.step()
        model.eval()
        with torch.no_grad():
            out = model(X_test)
            vl = nn.functional.cross_entropy(out, y_test).item()
            acc = (out.argmax(1) == y_test).float().mean().item()
        if (e + 1) % 4 == 0:
            print(f"probe {e + 1}: loss {tot / len(X_lab):.4f} test loss {vl:.4f} test acc {acc:.3f}")
    return acc


if __name__ == "__main__":
    pretrain()
    print("test accuracy:", finetune())
