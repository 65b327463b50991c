# healthy
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader
from sklearn.metrics import f1_score

torch.manual_seed(1)

# plot embedding -> genres (a movie can have several)
N = 4000
X = torch.randn(N, 24)
taste = torch.randn(24, 8) / 24 ** 0.5
rarity = torch.tensor([-0.3, 0.2, 0.5, -0.6, 0.0, 0.8, -0.2, 0.4])
Y = ((X @ taste + 0.4 * (X[:, :8] * X[:, 8:16]) - rarity + 0.1 * torch.randn(N, 8)) > 0).float()
print('genres per movie:', torch.bincount(Y.sum(1).long()).tolist())
train, valid = TensorDataset(X[:3200], Y[:3200]), TensorDataset(X[3200:], Y[3200:])
train_dl, valid_dl = DataLoader(train, 48, shuffle=True), DataLoader(valid, 800)


class GenreClassifier(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.hidden = nn.Linear(n_in, 128)
        self.drop = nn.Dropout(0.1)
        self.out = nn.Linear(128, n_out)

    def forward(self, x):
        return self.out(self.drop(torch.relu(self.hidden(x))))


model = GenreClassifier(24, 8)
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-4)

for epoch in range(20):
    model.train()
    run_loss = 0.0
    for features, genres in train_dl:
        optimizer.zero_grad()
        loss = criterion(model(features), genres)
        loss.backward()
        optimizer.step()
        run_loss += loss.item()
    model.eval()
    with torch.no_grad():
        features, genres = next(iter(valid_dl))
        hat = (torch.sigmoid(model(features)) > 0.5).int()
    if epoch % 4 == 3:
        print(f'epoch {epoch+1} loss {run_loss/len(train_dl):.3f} '
              f'micro-F1 {f1_score(genres.int(), hat, average="micro"):.3f} '
              f'exact match {(hat == genres).all(1).float().mean():.3f} macro-F1 {f1_score(genres.int(), hat, average="macro"):.3f}')
