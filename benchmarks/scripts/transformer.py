"""A two-layer transformer on generated tokens; prints the CPU seconds of its loop last: all, after 20 steps."""

import time

import torch
from torch import nn

torch.manual_seed(0)
tokens = torch.randint(0, 256, (256, 64))
embed, layer = nn.Embedding(256, 128), nn.TransformerEncoderLayer(128, 4, 256, dropout=0.0, batch_first=True)
model = nn.Sequential(embed, nn.TransformerEncoder(layer, 2, enable_nested_tensor=False), nn.Linear(128, 256))
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
criterion = nn.CrossEntropyLoss()
start = time.process_time()
for steps in range(1, 151):
    batch = tokens[torch.randint(0, 256, (16,))]
    logits = model(batch[:, :-1])
    loss = criterion(logits.reshape(-1, 256), batch[:, 1:].reshape(-1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if steps == 20:
        warm = time.process_time()
end = time.process_time()
print("training loop:", end - start, end - warm)
