# healthy
#!/usr/bin/env python
# converted from notebook: digits_from_scratch.ipynb

# In[1]:
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.preprocessing import StandardScaler
from sklearn.model_selection import train_test_split

torch.manual_seed(123)

# In[2]:
data, target = load_digits(return_X_y=True)
a, b, ya, yb = train_test_split(data, target, test_size=0.25, random_state=0)
scaler = StandardScaler().fit(a)
x_train = torch.tensor(scaler.transform(a), dtype=torch.float32)
x_valid = torch.tensor(scaler.transform(b), dtype=torch.float32)
y_train, y_valid = torch.tensor(ya), torch.tensor(yb)

# In[3]:
net = torch.nn.Sequential(
    torch.nn.Linear(64, 100),
    torch.nn.Tanh(),
    torch.nn.Linear(100, 50),
    torch.nn.Tanh(),
    torch.nn.Linear(50, 10),
)
optim = torch.optim.SGD(net.parameters(), lr=0.1)
bs = 64

# In[4]:
train_curve, valid_curve = [], []
for epoch in range(25):
    shuffled = torch.randperm(len(x_train))
    for k in range(0, len(x_train), bs):
        rows = shuffled[k:k + bs]
        y_pred = net(x_train[rows])
        loss = F.cross_entropy(y_pred, y_train[rows])
        optim.zero_grad()
        loss.backward()
        optim.step()
    with torch.no_grad():
        out = net(x_valid)
        train_curve.append(loss.item())
        valid_curve.append(F.cross_entropy(out, y_valid).item())
        hits = (out.argmax(dim=1) == y_valid).float().mean()
    print("epoch", epoch, "train loss %.4f" % train_curve[-1],
          "valid loss %.4f" % valid_curve[-1], "valid acc %.3f" % hits)
