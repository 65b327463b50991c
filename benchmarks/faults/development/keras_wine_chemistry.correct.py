# healthy
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(2024)

X, y = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X.astype("float32"), y, test_size=0.3, random_state=1, stratify=y
)
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)

model = keras.Sequential(
    [
        layers.Dense(16, activation="relu"),
        layers.Dense(16, activation="relu"),
        layers.Dense(3, activation="softmax"),
    ]
)
model.compile(
    optimizer=keras.optimizers.SGD(learning_rate=0.01, momentum=0.9),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
rng = np.random.default_rng(0)
for epoch in range(60):
    order = rng.permutation(len(X_train))
    losses = []
    for i in range(0, len(order), 16):
        rows = order[i : i + 16]
        loss, acc = model.train_on_batch(X_train[rows], y_train[rows])
        losses.append(float(loss))
    if epoch % 10 == 0:
        print(f"epoch {epoch:2d} loss {np.mean(losses):.4f}")
print("classes predicted:", np.unique(model.predict(X_test, verbose=0).argmax(1)))
print("test accuracy: %.3f" % model.evaluate(X_test, y_test, verbose=0)[1])
