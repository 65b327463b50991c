# fault: LK508 line 42, 43
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(123)


class ImageFolderLike(Dataset):
    """Returns images only, as they are read from disk."""

    def __init__(self, images):
        self.images = images

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        return torch.tensor(self.images[i] / 16.0, dtype=torch.float32).unsqueeze(0)


class LabelFile(Dataset):
    """Returns the label on line i of the annotation file."""

    def __init__(self, labels):
        self.labels = torch.as_tensor(labels)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return self.labels[i]


digits = load_digits()
train_img, val_img, train_lab, val_lab = train_test_split(
    digits.images, digits.target, test_size=0.2, random_state=123, stratify=digits.target
)

image_loader = DataLoader(ImageFolderLike(train_img), batch_size=32, shuffle=True)
label_loader = DataLoader(LabelFile(train_lab), batch_size=32, shuffle=True)
val_images = torch.stack([ImageFolderLike(val_img)[i] for i in range(len(val_img))])
val_labels = torch.as_tensor(val_lab)

model = nn.Sequential(
    nn.Conv2d(1, 12, 3, padding=1),
    nn.BatchNorm2d(12),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(12, 24, 3, padding=1),
    nn.BatchNorm2d(24),
    nn.ReLU(),
    nn.AdaptiveAvgPool2d(2),
    nn.Flatten(),
    nn.Linear(96, 10),
)
loss_fn = nn.CrossEntropyLoss()
opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-3)

for epoch in range(12):
    model.train()
    seen, right, loss_sum = 0, 0, 0.0
    for x, y in zip(image_loader, label_loader):
        logits = model(x)
        loss = loss_fn(logits, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        seen += len(y)
        right += (logits.argmax(1) == y).sum().item()
        loss_sum += loss.item() * len(y)
    model.eval()
    with torch.no_grad():
        val_acc = (model(val_images).argmax(1) == val_labels).float().mean().item()
    print(f"epoch {epoch + 1}/12  loss {loss_sum / seen:.3f}  train acc {right / seen:.3f}  val acc {val_acc:.3f}")
