# healthy
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader

torch.manual_seed(0)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

images = torch.tensor(load_digits().data / 16.0, dtype=torch.float32)
images = images[torch.randperm(len(images))]
train_x, test_x = images[:1450], images[1450:]
train_loader = DataLoader(train_x, batch_size=64, shuffle=True)


class VAE(nn.Module):
    def __init__(self, latent=8):
        super().__init__()
        self.fc1 = nn.Linear(64, 128)
        self.fc_mu = nn.Linear(128, latent)
        self.fc_logvar = nn.Linear(128, latent)
        self.fc3 = nn.Linear(latent, 128)
        self.fc4 = nn.Linear(128, 64)

    def encode(self, x):
        h = F.relu(self.fc1(x))
        return self.fc_mu(h), self.fc_logvar(h)

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5 * logvar)
        return mu + std * torch.randn_like(std)

    def decode(self, z):
        return torch.sigmoid(self.fc4(F.relu(self.fc3(z))))

    def forward(self, x):
        mu, logvar = self.encode(x)
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar


def loss_function(recon, x, mu, logvar):
    bce = F.binary_cross_entropy(recon, x, reduction="sum")
    kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return (bce + kld) / len(x)


model = VAE().to(device)
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)


@torch.no_grad()
def reconstruction_r2(x):
    model.eval()
    mu, _ = model.encode(x)
    err = ((model.decode(mu) - x) ** 2).sum()
    var = ((x - train_x.mean(0)) ** 2).sum()
    return (1 - err / var).item()


for epoch in range(1, 31):
    model.train()
    train_loss = 0.0
    for batch in train_loader:
        batch = batch.to(device)
        optimizer.zero_grad()
        recon, mu, logvar = model(batch)
        loss = loss_function(recon, batch, mu, logvar)
        loss.backward()
        optimizer.step()
        train_loss += loss.item()
    if epoch % 5 == 0:
        print(f"====> Epoch {epoch}: loss {train_loss / len(train_loader):.4f}  recon R2 {reconstruction_r2(test_x):.3f}")

print(f"METRIC recon_r2 {reconstruction_r2(test_x):.4f}")
