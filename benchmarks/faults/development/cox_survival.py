# healthy
import numpy as np
import torch
from torch import nn


def cohort(n, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 8))
    risk = 0.9 * x[:, 0] - 0.7 * x[:, 1] + 0.6 * np.maximum(x[:, 2], 0) * x[:, 3]
    death = rng.exponential(np.exp(-risk))
    censor = rng.exponential(2.0, n)
    return (torch.tensor(x, dtype=torch.float32), torch.tensor(np.minimum(death, censor), dtype=torch.float32),
            torch.tensor(death <= censor))


def partial_likelihood(score, time, event):
    """Negative log partial likelihood (Breslow), per observed event."""
    order = torch.argsort(time, descending=True)
    score, event = score[order], event[order]
    at_risk = torch.logcumsumexp(score, dim=0)
    return -(score - at_risk)[event].mean()


def concordance(score, time, event):
    earlier = (time[:, None] < time[None, :]) & event[:, None]
    right = (score[:, None] > score[None, :]) & earlier
    return right.sum().item() / earlier.sum().item()


def main():
    torch.manual_seed(14)
    x, time, event = cohort(1500, 0)
    x_val, time_val, event_val = cohort(600, 1)
    print(f"events observed: {event.float().mean():.2f}")
    net = nn.Sequential(nn.Linear(8, 32), nn.SELU(), nn.Linear(32, 16), nn.SELU(), nn.Linear(16, 1, bias=False))
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-2)
    for epoch in range(30):
        for rows in torch.randperm(len(x)).split(250):
            loss = partial_likelihood(net(x[rows]).squeeze(1), time[rows], event[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if epoch % 5 == 4:
            with torch.no_grad():
                s = net(x_val).squeeze(1)
                print(f"epoch {epoch + 1:3d}  loss {loss.item():.3f}  "
                      f"val loss {partial_likelihood(s, time_val, event_val):.3f}  "
                      f"concordance {concordance(s, time_val, event_val):.3f}")


if __name__ == "__main__":
    main()
