"""A losskit loss under tf.GradientTape with SGD: 1000 steps of logistic regression.

Needs: pip install losskit[tensorflow]
"""

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

import losskit

inputs, targets = load_breast_cancer(return_X_y=True)
x = tf.constant(StandardScaler().fit_transform(inputs), tf.float32)
y = tf.constant(targets, tf.float32)
w, b = tf.Variable(tf.zeros([30, 1])), tf.Variable(tf.zeros([1]))
loss_function = losskit.LogLoss()
optimizer = tf.keras.optimizers.SGD(learning_rate=0.1)


@tf.function
def train_step():
    with tf.GradientTape() as tape:
        loss = loss_function((x @ w + b)[:, 0], y)
    optimizer.apply_gradients(zip(tape.gradient(loss, [w, b]), [w, b], strict=True))
    return loss


for step in range(1, 1001):
    loss = float(train_step())
    if step in (1, 10, 100, 1000):
        print(f"step {step:4d}: log loss {loss:.4f}")
accuracy = float(tf.reduce_mean(tf.cast(tf.equal((x @ w + b)[:, 0] > 0, y > 0.5), tf.float32)))
print(f"accuracy {accuracy:.3f}")
assert loss < 0.1
