# healthy
"""Denoise 8x8 digits with a residual CNN; the rate is cut twice during the run."""
import torch
import torch.nn as nn
from torch.optim.lr_scheduler import MultiStepLR
from sklearn.datasets import load_digits

torch.manual_seed(23)
clean = torch.tensor(load_digits().images, dtype=torch.float32).unsqueeze(1) / 8.0 - 1.0
g = torch.Generator().manual_seed(5)
noisy = clean + 0.5 * torch.randn(clean.shape, generator=g)
train_in, train_out = noisy[:1400], clean[:1400]
test_in, test_out = noisy[1400:], clean[1400:]


class Denoiser(nn.Module):
    def __init__(self, c=16):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, c, 3, padding=1), nn.ReLU(),
            nn.Conv2d(c, c, 3, padding=1), nn.ReLU(),
            nn.Conv2d(c, c, 3, padding=1), nn.ReLU(),
            nn.Conv2d(c, 1, 3, padding=1))

    def forward(self, x):
        return x - self.body(x)


def psnr(a, b):
    return (10 * torch.log10(4.0 / ((a - b) ** 2).mean())).item()


EPOCHS, BATCH = 10, 35
net = Denoiser()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
sched = MultiStepLR(opt, milestones=[6, 8], gamma=0.1)
mse = nn.MSELoss()
print('noisy input: PSNR %.2f dB' % psnr(test_in, test_out))
for epoch in range(EPOCHS):
    net.train()
    s = 0.0
    for idx in torch.randperm(len(train_in)).split(BATCH):
        opt.zero_grad()
        loss = mse(net(train_in[idx]), train_out[idx])
        loss.backward()
        opt.step()
        s += loss.item() * len(idx)
    sched.step()
    net.eval()
    with torch.no_grad():
        est = net(test_in)
        r2 = 1 - ((est - test_out) ** 2).sum() / ((test_out - test_out.mean()) ** 2).sum()
    print('epoch %d train mse %.4f  PSNR %.2f dB  R2 %.3f' % (epoch + 1, s / len(train_in), psnr(est, test_out), r2))
