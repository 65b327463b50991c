# healthy
import torch
from torch import nn
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.metrics import accuracy_score, roc_auc_score

torch.manual_seed(42)

# customers: usage features -> will they churn?
X, y = make_classification(n_samples=2500, n_features=16, n_informative=8, n_redundant=2,
                           class_sep=1.4, weights=[0.55, 0.45], flip_y=0.01, random_state=42)
X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.2, random_state=0)
scaler = StandardScaler()
X_tr = torch.as_tensor(scaler.fit_transform(X_tr), dtype=torch.float32)
X_va = torch.as_tensor(scaler.transform(X_va), dtype=torch.float32)
y_tr = torch.as_tensor(y_tr, dtype=torch.float32)
y_va_np = y_va

net = nn.Sequential(
    nn.Linear(16, 64),
    nn.ReLU(),
    nn.Linear(64, 32),
    nn.ReLU(),
    nn.Linear(32, 1),
    nn.Sigmoid(),
)
bce = nn.BCELoss()
adam = torch.optim.Adam(net.parameters(), lr=2e-3)

for epoch in range(17):
    net.train()
    perm = torch.randperm(len(X_tr))
    losses = []
    for chunk in perm.split(50):
        p = net(X_tr[chunk]).squeeze(1)
        loss = bce(p, y_tr[chunk])
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        p_va = net(X_va).squeeze(1).numpy()
    if epoch % 4 == 0:
        print(f'{epoch:2d} train bce {sum(losses)/len(losses):.4f}  '
              f'val acc {accuracy_score(y_va_np, p_va > 0.5):.3f}')

print('val accuracy %.3f, AUC %.3f' % (accuracy_score(y_va_np, p_va > 0.5), roc_auc_score(y_va_np, p_va)))
