"""Tags of words: the softmax is over the last axis, which is moved to where the loss wants it afterwards."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
words = torch.randint(0, 30, (400, 9))
tags = (words + words.roll(1, 1)) % 4


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(30, 24)
        self.mix = nn.GRU(24, 48, batch_first=True, bidirectional=True)
        self.tags = nn.Linear(96, 4)

    def forward(self, x):
        return F.log_softmax(self.tags(self.mix(self.words(x))[0]), dim=-1)


model = Tagger()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(20):
    for rows in torch.randperm(320).split(32):
        loss = F.nll_loss(model(words[rows]).transpose(1, 2), tags[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        print(epoch, (model(words[320:]).argmax(-1) == tags[320:]).float().mean().item())
