# healthy
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn import datasets


def shuffle_arrays(*arrays, seed):
    """Shuffle the rows of every array."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(arrays[0]))
    return [a[order] for a in arrays]


def get_loaders(batch_size):
    bunch = datasets.load_digits()
    pixels, digit = shuffle_arrays(bunch.data, bunch.target, seed=99)
    pixels = (pixels / 16.0 - 0.5).astype(np.float32)
    n_val = 450
    tr = TensorDataset(torch.from_numpy(pixels[n_val:]), torch.from_numpy(digit[n_val:]))
    va = TensorDataset(torch.from_numpy(pixels[:n_val]), torch.from_numpy(digit[:n_val]))
    return DataLoader(tr, batch_size=batch_size, shuffle=True), DataLoader(va, batch_size=batch_size)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(64, 32)
        self.b = nn.Linear(32, 10)

    def forward(self, x):
        return self.b(nn.functional.gelu(self.a(x)))


def loop(model, loader, loss_fn, opt=None):
    model.train(opt is not None)
    loss_sum, hit, n = 0.0, 0, 0
    with torch.set_grad_enabled(opt is not None):
        for x, y in loader:
            out = model(x)
            loss = loss_fn(out, y)
            if opt is not None:
                opt.zero_grad()
                loss.backward()
                opt.step()
            loss_sum += loss.item() * len(y)
            hit += (out.argmax(1) == y).sum().item()
            n += len(y)
    return loss_sum / n, hit / n


if __name__ == "__main__":
    torch.manual_seed(99)
    train_dl, val_dl = get_loaders(64)
    model = Net()
    loss_fn = nn.CrossEntropyLoss()
    opt = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for epoch in range(20):
        tl, ta = loop(model, train_dl, loss_fn, opt)
        vl, va = loop(model, val_dl, loss_fn)
        if epoch % 4 == 3:
            print(f"{epoch + 1:2d}  train loss {tl:.4f} acc {ta:.3f}   val loss {vl:.4f} acc {va:.3f}")
    print("val accuracy", round(va, 4))
