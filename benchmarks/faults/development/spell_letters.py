# fault: LK101 line 38
import argparse
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset, random_split

parser = argparse.ArgumentParser()
parser.add_argument('--epochs', type=int, default=15)
parser.add_argument('--batch-size', type=int, default=64)
parser.add_argument('--lr', type=float, default=0.1)
parser.add_argument('--hidden', type=int, default=96)
args = parser.parse_args()

torch.manual_seed(0)
N_CLASSES = 26


def synth_letters(n):
    # 26 prototype glyphs of 7x7 strokes, jittered by pixel noise
    g = torch.Generator().manual_seed(11)
    protos = (torch.rand(N_CLASSES, 49, generator=g) > 0.6).float()
    y = torch.randint(0, N_CLASSES, (n,), generator=g)
    x = protos[y] + 0.35 * torch.randn(n, 49, generator=g)
    return (x - 0.4) / 0.6, y


class LetterNet(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.fc1 = nn.Linear(49, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.fc3 = nn.Linear(hidden, N_CLASSES)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return F.softmax(self.fc3(x), dim=1)


def evaluate(net, loader):
    net.eval()
    hits, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            hits += (net(x).argmax(1) == y).sum().item()
            total += y.numel()
    return hits / total


def main():
    ds = TensorDataset(*synth_letters(4000))
    train_ds, val_ds = random_split(ds, [3200, 800], generator=torch.Generator().manual_seed(1))
    train_dl = DataLoader(train_ds, batch_size=args.batch_size, shuffle=True)
    val_dl = DataLoader(val_ds, batch_size=256)
    net = LetterNet(args.hidden)
    opt = torch.optim.SGD(net.parameters(), lr=args.lr)
    loss_fn = nn.CrossEntropyLoss()
    for epoch in range(args.epochs):
        net.train()
        running = 0.0
        for x, y in train_dl:
            opt.zero_grad()
            loss = loss_fn(net(x), y)
            loss.backward()
            opt.step()
            running += loss.item() * y.size(0)
        print('epoch %d  loss %.4f  val acc %.3f' % (epoch, running / len(train_ds), evaluate(net, val_dl)))


if __name__ == '__main__':
    main()
