"""Which of six items was asked for? Attention over the items, in a model of its own."""
import torch
from torch import nn

torch.manual_seed(4)


class Reader(nn.Module):
    def __init__(self, size=24):
        super().__init__()
        self.keys, self.values = nn.Embedding(12, size), nn.Embedding(5, size)
        self.query, self.out = nn.Linear(size, size), nn.Linear(size, 5)

    def forward(self, keys, values, asked):
        query = self.query(self.keys(asked)).unsqueeze(2)
        scores = self.keys(keys) @ query  # (N, 6, 1)
        weights = torch.softmax(scores, dim=-1)  # <- fault
        return self.out((weights * self.values(values)).sum(1))


def questions(n):
    keys = torch.stack([torch.randperm(12)[:6] for _ in range(n)])
    values, slot = torch.randint(0, 5, (n, 6)), torch.randint(0, 6, (n, 1))
    return keys, values, keys.gather(1, slot)[:, 0], values.gather(1, slot)[:, 0]


train, test = questions(2000), questions(400)
model = Reader()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(8):
    for batch in torch.randperm(2000).split(64):
        keys, values, asked, answers = (part[batch] for part in train)
        loss = nn.functional.cross_entropy(model(keys, values, asked), answers)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        print(epoch, float((model(*test[:3]).argmax(1) == test[3]).float().mean()))
