# healthy
import torch
import torch.nn as nn
from sklearn.datasets import make_moons

# mixed precision on CPU (bf16 needs no loss scaling)
torch.manual_seed(30)
X, y = make_moons(4000, noise=0.15, random_state=30)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor(y)
model = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
opt = torch.optim.AdamW(model.parameters(), lr=2e-3)
for epoch in range(10):
    for i in torch.randperm(3000).split(50):
        with torch.autocast('cpu', dtype=torch.bfloat16):
            logits = model(X[i])
            loss = nn.functional.cross_entropy(logits.float(), y[i])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
    with torch.inference_mode(), torch.autocast('cpu', dtype=torch.bfloat16):
        acc = (model(X[3000:]).argmax(1) == y[3000:]).float().mean().item()
    print(f'{epoch}: loss {loss.item():.4f} val acc {acc:.4f}')
