# healthy
import os
os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras
import numpy as np
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(2)
X, y = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=2)
scaler = StandardScaler().fit(X_train)
X_train = scaler.transform(X_train).astype("float32")
X_test = scaler.transform(X_test).astype("float32")

model = keras.Sequential([
    keras.Input((13,)),
    keras.layers.Dense(16, activation="relu"),
    keras.layers.Dropout(0.2),
    keras.layers.Dense(3),
])
optimizer = keras.optimizers.Adam(1e-2)
optimizer.build(model.trainable_variables)
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def objective(trainable, non_trainable, x, t):
    logits, non_trainable = model.stateless_call(trainable, non_trainable, x, training=True)
    return loss_fn(t, logits), non_trainable


value_and_grad = jax.value_and_grad(objective, has_aux=True)


@jax.jit
def step(state, x, t):
    trainable, non_trainable, slots = state
    (loss, non_trainable), grads = value_and_grad(trainable, non_trainable, x, t)
    trainable, slots = optimizer.stateless_apply(slots, grads, trainable)
    return loss, (trainable, non_trainable, slots)


def write_back(state):
    for variables, values in zip(
            (model.trainable_variables, model.non_trainable_variables, optimizer.variables), state):
        for variable, value in zip(variables, values):
            variable.assign(np.asarray(value))


state = ([v.value for v in model.trainable_variables],
         [v.value for v in model.non_trainable_variables],
         [v.value for v in optimizer.variables])
rng = np.random.default_rng(2)
BATCH = 31
for epoch in range(1, 31):
    order = rng.permutation(len(X_train))
    losses = []
    for start in range(0, len(order) - BATCH + 1, BATCH):
        rows = order[start:start + BATCH]
        loss, state = step(state, X_train[rows], y_train[rows])
        losses.append(float(loss))
    if epoch % 6 == 0:
        write_back(state)
        accuracy = (model.predict(X_test, verbose=0).argmax(1) == y_test).mean()
        print(f"epoch {epoch}: loss {np.mean(losses):.4f}, test accuracy {accuracy:.3f}")
