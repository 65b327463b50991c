"""Most tokens are padding, and none of the sentences is empty."""

import torch
from torch import nn

torch.manual_seed(0)
PAD = 0
lengths = torch.randint(2, 12, (600,))
tokens = torch.randint(1, 20, (600, 12)) * (torch.arange(12) < lengths[:, None])
tags = torch.where(tokens == PAD, PAD, 1 + (tokens + tokens.roll(1, 1)) % 3)  # of a token and the one before it


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 16, padding_idx=PAD)
        self.rnn = nn.GRU(16, 32, batch_first=True)
        self.tag = nn.Linear(32, 4)

    def forward(self, x):
        return self.tag(self.rnn(self.embedding(x))[0])


model = Tagger()
criterion = nn.CrossEntropyLoss(ignore_index=PAD)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(8):
    model.train()
    for batch in torch.randperm(500).split(25):
        optimizer.zero_grad()
        scores = model(tokens[batch])
        loss = criterion(scores.transpose(1, 2), tags[batch])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        scores = model(tokens[500:])
        print(epoch, criterion(scores.transpose(1, 2), tags[500:]).item())
