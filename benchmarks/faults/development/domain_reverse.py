# healthy
"""Gradient reversal: labels from the old instrument, no labels from the new one."""
import torch
from torch import nn
from torch.autograd import Function


class Reverse(Function):
    @staticmethod
    def forward(ctx, x, strength):
        ctx.strength = strength
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad):
        return -ctx.strength * grad, None


def instrument(n, shift, seed):
    g = torch.Generator().manual_seed(seed)
    y = torch.randint(0, 3, (n,), generator=g)
    centres = torch.tensor([[2.0, 0.0, 0.0, 1.0], [-1.0, 1.7, 0.0, -1.0], [-1.0, -1.7, 0.5, 0.0]])
    content = centres[y] + 0.6 * torch.randn(n, 4, generator=g)
    nuisance = shift + 0.5 * torch.randn(n, 4, generator=g)
    mix = torch.randn(8, 8, generator=torch.Generator().manual_seed(5)) / 8 ** 0.5
    return torch.cat([content, nuisance], 1) @ mix, y


torch.manual_seed(44)
old_x, old_y = instrument(1600, -0.8, 0)
new_x, _ = instrument(1600, 0.8, 1)
test_x, test_y = instrument(600, 0.8, 2)
both = torch.cat([old_x, new_x])
mean, std = both.mean(0), both.std(0)
old_x, new_x, test_x = [(v - mean) / std for v in (old_x, new_x, test_x)]

features = nn.Sequential(nn.Linear(8, 48), nn.ReLU(), nn.Linear(48, 16), nn.ReLU())
classifier = nn.Linear(16, 3)
critic = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 1))
task_opt = torch.optim.Adam([*features.parameters(), *classifier.parameters()], lr=1e-3)
critic_opt = torch.optim.Adam(critic.parameters(), lr=2e-3)
ce, bce = nn.CrossEntropyLoss(), nn.BCEWithLogitsLoss()

EPOCHS = 20
for epoch in range(EPOCHS):
    strength = 0.3 * min(1.0, epoch / 8)
    for i, j in zip(torch.randperm(1600).split(64), torch.randperm(1600).split(64)):
        h_old, h_new = features(old_x[i]), features(new_x[j])
        label_loss = ce(classifier(h_old), old_y[i])
        h = torch.cat([h_old, h_new])
        domain = torch.cat([torch.zeros(len(i)), torch.ones(len(j))])
        domain_loss = bce(critic(Reverse.apply(h, strength)).squeeze(1), domain)
        task_opt.zero_grad()
        critic_opt.zero_grad()
        (label_loss + domain_loss).backward()
        task_opt.step()
        critic_opt.step()
    with torch.no_grad():
        acc = (classifier(features(test_x)).argmax(1) == test_y).float().mean().item()
    if epoch % 3 == 1 or epoch == EPOCHS - 1:
        print(f"epoch {epoch} label {label_loss.item():.4f} domain {domain_loss.item():.4f} new-instrument acc {acc:.4f}")
