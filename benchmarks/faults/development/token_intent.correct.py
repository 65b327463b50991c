# healthy
"""Intent detection over short token sequences with a GRU."""
import torch
import torch.nn as nn

VOCAB, SEQ, N_INTENTS = 60, 12, 4


def sample(n, gen):
    y = torch.randint(0, N_INTENTS, (n,), generator=gen)
    x = torch.randint(N_INTENTS * 5, VOCAB, (n, SEQ), generator=gen)
    for _ in range(3):
        pos = torch.randint(0, SEQ, (n,), generator=gen)
        word = y * 5 + torch.randint(0, 5, (n,), generator=gen)
        x[torch.arange(n), pos] = word
    return x, y


class IntentGRU(nn.Module):
    def __init__(self, emb=24, hidden=32):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, emb)
        self.gru = nn.GRU(emb, hidden, batch_first=True)
        self.out = nn.Linear(hidden, N_INTENTS)

    def forward(self, x):
        seq, _ = self.gru(self.emb(x))
        return self.out(seq.mean(1))


def evaluate(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


def main():
    torch.manual_seed(5)
    g = torch.Generator().manual_seed(50)
    xtr, ytr = sample(2400, g)
    xva, yva = sample(600, g)
    model = IntentGRU()
    opt = torch.optim.Adam(model.parameters(), lr=0.004)
    ce = nn.CrossEntropyLoss()
    for epoch in range(10):
        model.train()
        tot = 0.0
        for b in torch.randperm(len(xtr)).split(60):
            loss = ce(model(xtr[b]), ytr[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            tot += loss.item() * len(b)
        print(f"epoch {epoch + 1} train_loss {tot / len(xtr):.4f} val_acc {evaluate(model, xva, yva):.4f}")


if __name__ == "__main__":
    main()
