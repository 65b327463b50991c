# healthy
import torch
import torch.nn as nn

torch.manual_seed(2)


# noisy XOR gate, learnt by a little sigmoid network
class Network(nn.Module):
    def __init__(self):
        super(Network, self).__init__()
        self.x1 = nn.Linear(2, 8)
        self.x2 = nn.Linear(8, 1)

    def forward(self, feats):
        h = torch.tanh(self.x1(feats))
        return torch.sigmoid(self.x2(h))


def gate_samples(n):
    bits = torch.randint(0, 2, (n, 2)).float()
    target = (bits[:, 0] != bits[:, 1]).float().unsqueeze(1)
    return (bits * 2 - 1) + 0.15 * torch.randn(n, 2), target


feats, val_expected = gate_samples(400)
check_feats, check_expected = gate_samples(200)
net = Network()
criterion = nn.BCELoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)

print("--TRAIN START--")
for i in range(1000):
    optimizer.zero_grad()
    resp = net(feats)
    error = criterion(resp, val_expected)
    error.backward()
    optimizer.step()
    if i % 100 == 0:
        ok = ((net(check_feats) > 0.5).float() == check_expected).float().mean().item()
        print(i, "error", round(error.item(), 5), "correct", round(ok, 3))
print("--TRAIN END--")
ok = ((net(check_feats) > 0.5).float() == check_expected).float().mean().item()
print("fraction correct on fresh samples:", round(ok, 3))
