# healthy
import torch

torch.manual_seed(6)
n = 2000
x = torch.rand(n, 1) * 4 - 2
y = torch.sin(2 * x) + (0.2 + 0.2 * x.abs()) * torch.randn(n, 1)
taus = torch.tensor([0.1, 0.5, 0.9])


def pinball(pred, target):
    diff = target - pred
    return torch.maximum(taus * diff, (taus - 1) * diff).mean()


model = torch.nn.Sequential(
    torch.nn.Linear(1, 32), torch.nn.SiLU(), torch.nn.Linear(32, 32), torch.nn.SiLU(), torch.nn.Linear(32, 3)
)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 15)
for epoch in range(15):
    for idx in torch.randperm(1600).split(64):
        loss = pinball(model(x[idx]), y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    scheduler.step()
    with torch.no_grad():
        q = model(x[1600:])
        cover = (y[1600:] < q).float().mean(0)
    print(epoch, "loss", round(loss.item(), 4), "coverage", [round(c, 2) for c in cover.tolist()])
