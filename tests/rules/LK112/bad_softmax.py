import torch
import torch.nn.functional as F
from sklearn.datasets import make_multilabel_classification
from sklearn.preprocessing import scale
from torch import nn

torch.manual_seed(1)
X, Y = make_multilabel_classification(1000, 16, n_classes=4, n_labels=2, allow_unlabeled=False, random_state=1)
X, Y = torch.tensor(scale(X)).float(), torch.tensor(Y).float()


class Tagger(nn.Module):
    def __init__(self, features, labels):
        super().__init__()
        self.hidden = nn.Linear(features, 32)
        self.output = nn.Linear(32, labels)

    def forward(self, x):
        x = F.relu(self.hidden(x))
        return F.softmax(self.output(x), dim=1)  # <- fault


model = Tagger(16, 4)
loss_function = nn.BCELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(12):
    model.train()
    for rows in torch.randperm(800).split(40):
        loss = loss_function(model(X[rows]), Y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        output = model(X[800:])
        print(epoch, loss_function(output, Y[800:]).item(), ((output > 0.5) == (Y[800:] > 0.5)).float().mean().item())
