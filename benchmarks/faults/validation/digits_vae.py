# healthy
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

torch.manual_seed(1)
X, _ = load_digits(return_X_y=True)
X = torch.tensor(X / 16.0, dtype=torch.float32)
train_x, test_x = train_test_split(X, test_size=0.2, random_state=1)
train_loader = DataLoader(TensorDataset(train_x), batch_size=64, shuffle=True)
test_loader = DataLoader(TensorDataset(test_x), batch_size=64)


class VAE(nn.Module):
    def __init__(self, latent=6):
        super(VAE, self).__init__()
        self.fc1 = nn.Linear(64, 96)
        self.fc21 = nn.Linear(96, latent)
        self.fc22 = nn.Linear(96, latent)
        self.fc3 = nn.Linear(latent, 96)
        self.fc4 = nn.Linear(96, 64)

    def encode(self, x):
        h1 = F.relu(self.fc1(x))
        return self.fc21(h1), self.fc22(h1)

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5 * logvar)
        return mu + torch.randn_like(std) * std

    def decode(self, z):
        return torch.sigmoid(self.fc4(F.relu(self.fc3(z))))

    def forward(self, x):
        mu, logvar = self.encode(x)
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar


def loss_function(recon_x, x, mu, logvar):
    bce = F.binary_cross_entropy(recon_x, x, reduction="sum")
    kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return bce + kld


model = VAE()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)


def train(epoch):
    model.train()
    train_loss = 0
    for (data,) in train_loader:
        optimizer.zero_grad()
        recon, mu, logvar = model(data)
        loss = loss_function(recon, data, mu, logvar)
        loss.backward()
        train_loss += loss.item()
        optimizer.step()
    print("====> Epoch: {} Average loss: {:.4f}".format(epoch, train_loss / len(train_x)))


def test(epoch):
    model.eval()
    test_loss, mse = 0, 0.0
    with torch.no_grad():
        for (data,) in test_loader:
            recon, mu, logvar = model(data)
            test_loss += loss_function(recon, data, mu, logvar).item()
            mse += ((model.decode(mu) - data) ** 2).sum().item()
    var = ((test_x - train_x.mean(0)) ** 2).sum().item()
    print("====> Test set loss: {:.4f}  explained variance {:.3f}".format(test_loss / len(test_x), 1 - mse / var))


for epoch in range(1, 36):
    train(epoch)
    test(epoch)
