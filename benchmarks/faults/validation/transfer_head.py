# healthy
"""Pretrain an encoder on digits 0-6, then fit only a new head for digits 7-9."""
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

torch.manual_seed(0)


def tensors(X, y):
    return torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.long)


X, y = load_digits(return_X_y=True)
X = (X / 16.0).reshape(-1, 1, 8, 8)
base, new = y < 7, y >= 7
Xb, yb = tensors(X[base], y[base])
Xn_tr, Xn_te, yn_tr, yn_te = train_test_split(X[new], y[new] - 7, test_size=0.4, stratify=y[new], random_state=0)
Xn_tr, yn_tr = tensors(Xn_tr, yn_tr)
Xn_te, yn_te = tensors(Xn_te, yn_te)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(),
        )

    def forward(self, x):
        return self.net(x)


def run_epochs(encoder, head, X, y, opt, epochs, tune_encoder):
    ce = nn.CrossEntropyLoss()
    for epoch in range(epochs):
        encoder.train(tune_encoder)
        head.train()
        total = 0.0
        for idx in torch.randperm(len(y)).split(64):
            opt.zero_grad()
            loss = ce(head(encoder(X[idx])), y[idx])
            loss.backward()
            opt.step()
            total += loss.item() * len(idx)
        print(f"  epoch {epoch + 1}: loss {total / len(y):.4f}")


encoder = Encoder()
base_head = nn.Linear(128, 7)
print("pretraining")
opt = torch.optim.Adam(list(encoder.parameters()) + list(base_head.parameters()), lr=2e-3)
run_epochs(encoder, base_head, Xb, yb, opt, epochs=4, tune_encoder=True)

for p in encoder.parameters():
    p.requires_grad = False
encoder.eval()

new_head = nn.Linear(128, 3)
print("new head")
opt = torch.optim.Adam(new_head.parameters(), lr=1e-2)
run_epochs(encoder, new_head, Xn_tr, yn_tr, opt, epochs=25, tune_encoder=False)

new_head.eval()
with torch.no_grad():
    acc = (new_head(encoder(Xn_te)).argmax(1) == yn_te).float().mean().item()
print(f"accuracy on 7/8/9: {acc:.4f}")
