# healthy
import os
os.environ["KERAS_BACKEND"] = "torch"
import numpy as np
import torch
import keras
from keras import layers, ops

keras.utils.set_random_seed(58)


class Grader(keras.Model):
    """One trunk, a rank head (pairwise hinge by hand) and a pass/fail head."""

    def __init__(self):
        super().__init__()
        self.trunk = keras.Sequential([layers.Dense(32, activation="swish"), layers.LayerNormalization(),
                                       layers.Dense(32, activation="swish")])
        self.score, self.passed = layers.Dense(1), layers.Dense(1)

    def call(self, x):
        h = self.trunk(x)
        return ops.squeeze(self.score(h), -1), ops.squeeze(self.passed(h), -1)


rng = np.random.default_rng(58)
X = rng.normal(size=(3000, 9)).astype("float32")
grade = X[:, 0] + 0.7 * np.tanh(2 * X[:, 1]) - 0.5 * X[:, 2] * X[:, 3] + 0.1 * rng.normal(size=3000)
ok = (grade + 0.3 * X[:, 4] > 0).astype("float32")
X, grade, ok = torch.tensor(X), torch.tensor(grade.astype("float32")), torch.tensor(ok)
model = Grader()
model(X[:2])
opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-3)
dev = next(model.parameters()).device
X, grade, ok = X.to(dev), grade.to(dev), ok.to(dev)
for epoch in range(25):
    total = 0.0
    for i in torch.randperm(2400).split(60):
        s, p = model(X[i], training=True)
        ds, dg = s[:, None] - s[None, :], torch.sign(grade[i][:, None] - grade[i][None, :])
        rank = torch.relu(0.5 - ds * dg)[dg != 0].mean()
        bce = torch.nn.functional.binary_cross_entropy_with_logits(p, ok[i])
        loss = 4.0 * rank + 0.25 * bce
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        s, p = model(X[2400:], training=False)
        pairs = ((s[:, None] > s[None, :]) == (grade[2400:][:, None] > grade[2400:][None, :])).float().mean()
        acc = ((p > 0).float() == ok[2400:]).float().mean()
    print(f"epoch {epoch} loss {total / 40:.4f} val pair order {pairs:.4f} pass acc {acc:.4f}")
