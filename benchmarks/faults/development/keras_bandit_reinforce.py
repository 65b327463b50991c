# healthy
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
import torch
from keras import layers, ops

keras.utils.set_random_seed(8)
rng = np.random.default_rng(8)
ARMS, CTX = 4, 6
theta = rng.normal(size=(CTX, ARMS))


def pull(ctx, arm):
    mean = ctx @ theta
    return mean[np.arange(len(arm)), arm] + 0.5 * rng.normal(size=len(arm))


policy = keras.Sequential([keras.Input((CTX,)), layers.Dense(32, activation="tanh"), layers.Dense(ARMS)])
optimizer = keras.optimizers.Adam(5e-3)
baseline, history = 0.0, []
for step in range(700):
    ctx = rng.normal(size=(64, CTX)).astype("float32")
    logits = policy(ctx)
    p = torch.softmax(logits.detach(), 1).cpu().numpy()
    arm = np.array([rng.choice(ARMS, p=q / q.sum()) for q in p.astype("float64")])
    r = pull(ctx, arm)
    advantage = torch.tensor(r - baseline, dtype=torch.float32)
    log_p = ops.take_along_axis(ops.log_softmax(logits, axis=1), torch.tensor(arm)[:, None], axis=1)[:, 0]
    entropy = -(torch.softmax(logits, 1) * torch.log_softmax(logits, 1)).sum(1).mean()
    loss = -(advantage * log_p).mean() - 0.01 * entropy
    policy.zero_grad()
    loss.backward()
    with torch.no_grad():
        optimizer.apply([w.value.grad for w in policy.trainable_weights], policy.trainable_weights)
    baseline = 0.95 * baseline + 0.05 * r.mean()
    history.append(r.mean())
    if step % 100 == 0:
        print(step, "loss %.3f reward %.3f" % (float(loss.detach()), np.mean(history[-50:])))

ctx = rng.normal(size=(2000, CTX)).astype("float32")
choice = policy.predict(ctx, verbose=0).argmax(1)
best = (ctx @ theta).argmax(1)
print("best arm chosen: %.3f" % np.mean(choice == best))
