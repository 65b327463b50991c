# fault: LK302 line 46
# A recurrent network that follows a recency-weighted stock level over forty weeks.
import torch
import torch.nn as nn

torch.manual_seed(5)
STEPS, HIDDEN = 40, 32


def make_sequences(n):
    demand = torch.randn(n, STEPS)
    recency = torch.linspace(0, 1, STEPS)
    stock = (demand * recency).sum(dim=1) / recency.square().sum().sqrt()
    return demand.unsqueeze(2), stock


class StockRNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(1, HIDDEN, nonlinearity="relu", batch_first=True)
        self.read = nn.Linear(HIDDEN, 1)
        with torch.no_grad():
            self.rnn.weight_hh_l0.copy_(torch.eye(HIDDEN))
            self.rnn.weight_ih_l0.normal_(0.0, 0.1)
            self.rnn.bias_ih_l0.zero_()
            self.rnn.bias_hh_l0.zero_()

    def forward(self, x):
        out, last = self.rnn(x)
        return self.read(last[0]).squeeze(-1)


def main():
    x_train, y_train = make_sequences(1500)
    x_val, y_val = make_sequences(400)
    model = StockRNN()
    criterion = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=18)
    for epoch in range(18):
        model.train()
        total = 0.0
        for idx in torch.randperm(1500).split(50):
            loss = criterion(model(x_train[idx]), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(idx)
        scheduler.step()
        model.eval()
        with torch.no_grad():
            err = (model(x_val) - y_val).pow(2).mean()
        r2 = 1 - err / y_val.var()
        if epoch % 3 == 2:
            print(f"epoch {epoch + 1}  mse {total / 1500:.4f}  val R2 {r2.item():.4f}")
    print("validation R2", round(r2.item(), 4))


if __name__ == "__main__":
    main()
