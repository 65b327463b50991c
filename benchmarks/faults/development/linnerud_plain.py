# healthy
"""Twenty people, three exercises, three measurements: a linear model, full batch."""
import torch
from sklearn.datasets import load_linnerud

torch.manual_seed(16)
exercise, body = load_linnerud(return_X_y=True)
X = torch.tensor((exercise - exercise.mean(0)) / exercise.std(0)).float()
Y = torch.tensor((body - body.mean(0)) / body.std(0)).float()
W = torch.zeros(3, 3, requires_grad=True)
b = torch.zeros(3, requires_grad=True)
optimizer = torch.optim.SGD([W, b], lr=0.05)
for step in range(300):
    prediction = X @ W + b
    loss = ((prediction - Y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 60 == 0:
        print(step, loss.item())
print("weights", W.detach().numpy().round(3).tolist())
