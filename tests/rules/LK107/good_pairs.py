"""Do two wines come from the same grower? Embeddings of pairs."""
import torch
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler
from torch import nn

torch.manual_seed(5)
wine = load_wine()
x = torch.tensor(StandardScaler().fit_transform(wine.data), dtype=torch.float32)
y = torch.tensor(wine.target)
first, second = torch.randint(0, len(x), (2, 2000))
same = 2 * (y[first] == y[second]).float() - 1
train, test = torch.arange(1600), torch.arange(1600, 2000)

model = nn.Sequential(nn.Linear(13, 32), nn.ReLU(), nn.Linear(32, 8))
criterion = nn.CosineEmbeddingLoss(margin=0.2)
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(8):
    for batch in train[torch.randperm(1600)].split(32):
        loss = criterion(model(x[first[batch]]), model(x[second[batch]]), same[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        near = nn.functional.cosine_similarity(model(x[first[test]]), model(x[second[test]])) > 0.6
        print(epoch, float((near == (same[test] > 0)).float().mean()))
