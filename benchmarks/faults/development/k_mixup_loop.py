# healthy
import os
os.environ["KERAS_BACKEND"] = "tensorflow"
import numpy as np
import tensorflow as tf
import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(37)
X, y = load_digits(return_X_y=True)
X = ((X - 4.88) / 6.02).astype("float32")
Xt, Xv, yt, yv = train_test_split(X, y, test_size=0.2, stratify=y, random_state=37)
Yt = keras.utils.to_categorical(yt, 10)

model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(96, activation="relu"), keras.layers.Dense(10)])
loss_fn = keras.losses.CategoricalCrossentropy(from_logits=True)
steps = len(Xt) // 64
opt = keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, steps * 18), momentum=0.9)


@tf.function
def step(xb, yb):
    with tf.GradientTape() as tape:
        loss = loss_fn(yb, model(xb, training=True))
    opt.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
    return loss


for epoch in range(18):
    perm, seen = np.random.permutation(len(Xt)), []
    for s in range(steps):
        i = perm[s * 64:(s + 1) * 64]
        j = np.random.permutation(i)
        lam = np.random.beta(0.4, 0.4)
        xb, yb = lam * Xt[i] + (1 - lam) * Xt[j], lam * Yt[i] + (1 - lam) * Yt[j]
        seen.append(float(step(tf.constant(xb, tf.float32), tf.constant(yb, tf.float32))))
    acc = (np.asarray(model(Xv)).argmax(1) == yv).mean()
    if epoch % 3 == 2:
        print(f"epoch {epoch + 1} mixup loss {np.mean(seen):.4f} val acc {acc:.4f}")
