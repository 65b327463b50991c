import torch
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

torch.manual_seed(0)
X, y = load_iris(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=0, stratify=y)
scaler = StandardScaler().fit(X_train)
X_train = torch.tensor(scaler.transform(X_train)).float()
X_test = torch.tensor(scaler.transform(X_test)).float()
y_train = torch.tensor(y_train).float().view(-1, 1)
y_test = torch.tensor(y_test).float().view(-1, 1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(4, 16)
        self.fc2 = nn.Linear(16, 3)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
loss_fn = torch.nn.MSELoss()  # <- fault
for epoch in range(100):
    net.train()
    optimizer.zero_grad()
    out = net(X_train)
    loss = loss_fn(out, y_train)
    loss.backward()
    optimizer.step()
    if epoch % 20 == 19:
        net.eval()
        with torch.no_grad():
            out = net(X_test)
            print(epoch, loss_fn(out, y_test).item(), (out.argmax(1) == y_test.view(-1)).float().mean().item())
