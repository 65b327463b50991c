# healthy
# fit y = sin(3x) + noise with a tanh network and a loss written by hand
import math
import torch

torch.manual_seed(0)
N = 400
x = torch.rand(N, 1) * 2 * math.pi - math.pi
y = torch.sin(3 * x) + 0.1 * torch.randn(N, 1)
x_test = torch.linspace(-3, 3, 100).reshape(-1, 1)
y_test = torch.sin(3 * x_test)

net = torch.nn.Sequential(torch.nn.Linear(1, 48), torch.nn.Tanh(), torch.nn.Linear(48, 48), torch.nn.Tanh(),
                          torch.nn.Linear(48, 1))


def my_mse(a, b):
    return ((a - b) ** 2).mean()


opt = torch.optim.Adam(net.parameters(), lr=0.01)
for it in range(600):
    y_hat = net(x)
    loss = my_mse(y_hat, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 100 == 0:
        with torch.no_grad():
            print(it, loss.item(), my_mse(net(x_test), y_test).item())
