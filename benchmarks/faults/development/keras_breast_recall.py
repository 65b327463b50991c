# fault: LK104 line 30
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(3)

data = load_breast_cancer()
X_train, X_test, y_train, y_test = train_test_split(
    data.data, data.target, test_size=0.3, random_state=3, stratify=data.target
)
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)
y_train = y_train.reshape(-1, 1).astype("float32")
y_test = y_test.reshape(-1, 1).astype("float32")

model = keras.Sequential(
    [
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(8, activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=[keras.metrics.BinaryAccuracy(name="acc")])
rng = np.random.default_rng(3)
for epoch in range(25):
    order = rng.permutation(len(X_train))
    for rows in np.array_split(order, len(order) // 16):
        logs = model.train_on_batch(X_train[rows], y_train[rows], return_dict=True)
    if epoch % 5 == 4:
        print(epoch + 1, {k: round(float(v), 3) for k, v in logs.items()})

pred = (model.predict(X_test, verbose=0) > 0.5).astype(int)
recall0 = np.mean(pred[y_test == 0] == 0)
recall1 = np.mean(pred[y_test == 1] == 1)
print("recall malignant %.3f benign %.3f" % (recall0, recall1))
print("balanced accuracy: %.3f" % ((recall0 + recall1) / 2))
