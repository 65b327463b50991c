# fault: LK305 line 13
import torch
import torch.nn as nn
from sklearn.datasets import make_circles
from sklearn.model_selection import train_test_split

torch.manual_seed(0)


class MyModel(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers, num_classes):
        super().__init__()
        self.layers = [nn.Linear(input_size, hidden_size)]
        for _ in range(num_layers - 1):
            self.layers.append(nn.Linear(hidden_size, hidden_size))
        self.classifier = nn.Linear(hidden_size, num_classes)

    def forward(self, x):
        for layer in self.layers:
            x = torch.tanh(layer(x))
        return self.classifier(x)


X, y = make_circles(n_samples=2000, factor=0.55, noise=0.08, random_state=0)
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.3, random_state=0)
X_train, X_val = torch.Tensor(X_train), torch.Tensor(X_val)
y_train, y_val = torch.LongTensor(y_train), torch.LongTensor(y_val)

model = MyModel(2, 10, 3, 2)
print('trainable parameters:', sum(p.numel() for p in model.parameters() if p.requires_grad))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

train_loader = torch.utils.data.DataLoader(
    torch.utils.data.TensorDataset(X_train, y_train), batch_size=70, shuffle=True)
for epoch in range(20):
    for inputs, targets in train_loader:
        outputs = model(inputs)
        loss = criterion(outputs, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        val_out = model(X_val)
        val_loss = criterion(val_out, y_val)
        val_acc = (val_out.argmax(1) == y_val).float().mean()
    print('Epoch [{}/20], Loss: {:.4f}, Val loss: {:.4f}, Val acc: {:.2%}'.format(
        epoch + 1, loss.item(), val_loss.item(), val_acc.item()))
