# healthy
import io
import torch
import torch.nn as nn
from sklearn.datasets import load_wine

# train, save, "crash", rebuild everything and go on
torch.manual_seed(29)
w = load_wine()
X = torch.tensor((w.data - w.data.mean(0)) / w.data.std(0)).float()
y = torch.tensor(w.target)
p = torch.randperm(len(y))
tr, te = p[:120], p[120:]


def build():
    net = nn.Sequential(nn.Linear(13, 16), nn.ReLU(), nn.Linear(16, 3))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3, weight_decay=1e-3)
    return net, opt, torch.optim.lr_scheduler.StepLR(opt, 20, gamma=0.5)


def run(net, opt, sch, start, stop):
    for e in range(start, stop):
        s = 0.0
        for i in tr[torch.randperm(120)].split(20):
            loss = nn.functional.cross_entropy(net(X[i]), y[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
            s += loss.item() / 6
        sch.step()
        if e % 6 == 5:
            with torch.no_grad():
                print('epoch', e + 1, 'loss %.4f' % s, 'test acc %.3f' % (net(X[te]).argmax(1) == y[te]).float().mean())


parts = build()
run(*parts, 0, 18)
buf = io.BytesIO()
torch.save([o.state_dict() for o in parts], buf)
buf.seek(0)
parts = build()
for obj, state in zip(parts, torch.load(buf)):
    obj.load_state_dict(state)
run(*parts, 18, 42)
