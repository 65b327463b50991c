# healthy
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import load_breast_cancer


def load_tensors():
    d = load_breast_cancer()
    x = torch.tensor(d.data, dtype=torch.float32)
    x = (x - x[:400].mean(0)) / x[:400].std(0)
    return x, torch.tensor(d.target)


def epoch_pass(net, loader, criterion, optimizer=None):
    train = optimizer is not None
    net.train(train)
    loss_sum = correct = count = 0
    with torch.set_grad_enabled(train):
        for xb, yb in loader:
            out = net(xb)
            loss = criterion(out, yb)
            if train:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            loss_sum += loss.item() * len(yb)
            correct += (out.argmax(1) == yb).sum().item()
            count += len(yb)
    return loss_sum / count, correct / count


def main():
    torch.manual_seed(13)
    x, y = load_tensors()
    train_set = TensorDataset(x[:400], y[:400])
    val_set = TensorDataset(x[400:], y[400:])
    train_loader = DataLoader(train_set, batch_size=20, shuffle=True)
    val_loader = DataLoader(val_set, batch_size=100)
    net = nn.Sequential(nn.Linear(30, 32), nn.Tanh(), nn.Linear(32, 16), nn.Tanh(), nn.Linear(16, 2))
    optimizer = optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(20):
        tl, ta = epoch_pass(net, train_loader, criterion, optimizer)
        vl, va = epoch_pass(net, val_loader, criterion)
        print(f'{epoch:02d}: train {tl:.4f}/{ta:.3f}  val {vl:.4f}/{va:.3f}')


if __name__ == '__main__':
    main()
