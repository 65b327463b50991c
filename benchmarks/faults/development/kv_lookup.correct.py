# healthy
# Key/value lookup: given a short list of (key, value) tokens and a query key,
# answer with the value stored under that key.
import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F


def get_args():
    p = argparse.ArgumentParser()
    p.add_argument("--keys", type=int, default=20)
    p.add_argument("--values", type=int, default=8)
    p.add_argument("--slots", type=int, default=6)
    p.add_argument("--dim", type=int, default=32)
    p.add_argument("--steps", type=int, default=600)
    p.add_argument("--batch-size", type=int, default=64)
    p.add_argument("--lr", type=float, default=3e-3)
    p.add_argument("--seed", type=int, default=11)
    return p.parse_args()


def sample(n, args, g):
    keys = torch.stack([torch.randperm(args.keys, generator=g)[: args.slots] for _ in range(n)])
    values = torch.randint(0, args.values, (n, args.slots), generator=g)
    slot = torch.randint(0, args.slots, (n,), generator=g)
    query = keys.gather(1, slot[:, None]).squeeze(1)
    answer = values.gather(1, slot[:, None]).squeeze(1)
    return keys, values, query, answer


class LookupAttention(nn.Module):
    def __init__(self, args):
        super().__init__()
        self.key_emb = nn.Embedding(args.keys, args.dim)
        self.val_emb = nn.Embedding(args.values, args.dim)
        self.to_q = nn.Linear(args.dim, args.dim)
        self.to_k = nn.Linear(args.dim, args.dim)
        self.scale = args.dim ** -0.5
        self.out = nn.Sequential(nn.Linear(args.dim, args.dim), nn.ReLU(), nn.Linear(args.dim, args.values))

    def forward(self, keys, values, query):
        k = self.to_k(self.key_emb(keys))
        q = self.to_q(self.key_emb(query)).unsqueeze(2)
        scores = torch.bmm(k, q) * self.scale
        weights = F.softmax(scores, dim=1)
        context = (weights * self.val_emb(values)).sum(dim=1)
        return self.out(context)


def main():
    args = get_args()
    torch.manual_seed(args.seed)
    g = torch.Generator().manual_seed(args.seed)
    train = sample(6000, args, g)
    test = sample(1000, args, g)
    model = LookupAttention(args)
    opt = torch.optim.Adam(model.parameters(), lr=args.lr)
    n = train[0].shape[0]
    for step in range(1, args.steps + 1):
        idx = torch.randint(0, n, (args.batch_size,), generator=g)
        keys, values, query, answer = (t[idx] for t in train)
        loss = F.cross_entropy(model(keys, values, query), answer)
        opt.zero_grad()
        loss.backward()
        opt.step()
        if step % 150 == 0:
            model.eval()
            with torch.no_grad():
                acc = (model(*test[:3]).argmax(1) == test[3]).float().mean().item()
            model.train()
            print(f"step {step:4d} | loss {loss.item():.4f} | test acc {acc:.4f}")


if __name__ == "__main__":
    main()
