# healthy
"""Lipid panel -> disease stage, with a sparsity penalty to keep the markers few."""
import torch
import torch.nn as nn
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import RobustScaler

SPARSITY = 2e-5


class LipidNet(nn.Module):
    def __init__(self, markers, stages):
        super().__init__()
        self.select = nn.Linear(markers, 40)
        self.act = nn.LeakyReLU(0.1)
        self.stage = nn.Linear(40, stages)

    def forward(self, m):
        return self.stage(self.act(self.select(m)))

    def penalty(self):
        return sum(p.abs().sum() for p in self.parameters())


def train_one_epoch(net, opt, x, y, batch=50):
    net.train()
    ce_total = 0.0
    for idx in torch.randperm(len(y)).split(batch):
        ce = nn.functional.cross_entropy(net(x[idx]), y[idx])
        (ce + SPARSITY * net.penalty()).backward()
        opt.step()
        opt.zero_grad()
        ce_total += ce.item() * len(idx)
    return ce_total / len(y)


def main():
    torch.manual_seed(30)
    m, s = make_classification(2400, 30, n_informative=8, n_redundant=4, n_classes=4,
                               n_clusters_per_class=1, class_sep=1.3, flip_y=0.02, random_state=30)
    m_tr, m_va, s_tr, s_va = train_test_split(m, s, test_size=600, stratify=s, random_state=30)
    scale = RobustScaler().fit(m_tr)
    m_tr, m_va = (torch.tensor(scale.transform(a), dtype=torch.float32) for a in (m_tr, m_va))
    s_tr = torch.tensor(s_tr)
    net = LipidNet(30, 4)
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(20):
        ce = train_one_epoch(net, opt, m_tr, s_tr)
        net.eval()
        with torch.no_grad():
            guess = net(m_va).argmax(1).numpy()
        kept = (net.select.weight.abs() > 1e-2).any(0).sum().item()
        print(f"{epoch:02d} cross-entropy {ce:.3f} balanced accuracy "
              f"{balanced_accuracy_score(s_va, guess):.3f} markers kept {kept}")


main()
