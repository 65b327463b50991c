# healthy
"""Matrix factorisation with biases on a small synthetic ratings table."""
import torch
from torch import nn

torch.manual_seed(17)
N_USERS, N_ITEMS, TRUE_RANK, RATINGS = 120, 80, 3, 6000

u_true = torch.randn(N_USERS, TRUE_RANK)
v_true = torch.randn(N_ITEMS, TRUE_RANK)
b_true = 0.5 * torch.randn(N_ITEMS)
users = torch.randint(0, N_USERS, (RATINGS,))
items = torch.randint(0, N_ITEMS, (RATINGS,))
ratings = 3.0 + 0.6 * (u_true[users] * v_true[items]).sum(1) + b_true[items] + 0.2 * torch.randn(RATINGS)

cut = int(RATINGS * 0.8)
mu, sd = ratings[:cut].mean(), ratings[:cut].std()
target = (ratings - mu) / sd


class MF(nn.Module):
    def __init__(self, n_users, n_items, k=4):
        super().__init__()
        self.user = nn.Embedding(n_users, k)
        self.item = nn.Embedding(n_items, k)
        self.user_bias = nn.Embedding(n_users, 1)
        self.item_bias = nn.Embedding(n_items, 1)
        for emb in (self.user, self.item):
            nn.init.normal_(emb.weight, std=0.3)
        nn.init.zeros_(self.user_bias.weight)
        nn.init.zeros_(self.item_bias.weight)

    def forward(self, u, i):
        dot = (self.user(u) * self.item(i)).sum(1)
        return dot + self.user_bias(u).squeeze(1) + self.item_bias(i).squeeze(1)


def validation_r2(model):
    with torch.no_grad():
        p = model(users[cut:], items[cut:])
    t = target[cut:]
    return (1 - (p - t).pow(2).sum() / (t - t.mean()).pow(2).sum()).item()


model = MF(N_USERS, N_ITEMS)
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=40)
criterion = nn.MSELoss()

for epoch in range(40):
    shuffled = torch.randperm(cut)
    total = 0.0
    for batch in shuffled.split(100):
        optimizer.zero_grad()
        loss = criterion(model(users[batch], items[batch]), target[batch])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    scheduler.step()
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1:3d} | train mse {total / cut:.4f} | val R2 {validation_r2(model):.4f}")
