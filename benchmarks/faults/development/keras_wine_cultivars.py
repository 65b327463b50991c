# fault: LK107 line 19
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

SEED = 19
keras.utils.set_random_seed(SEED)

bunch = load_wine()
# first column: cultivar, as in the csv file
table = np.column_stack([bunch.target + 1, bunch.data])

features = table[:, 1:].astype("float32")
cultivar = table[:, 0].astype("int32")
f_train, f_test, c_train, c_test = train_test_split(
    features, cultivar, test_size=0.3, stratify=cultivar, random_state=SEED
)
scale = StandardScaler().fit(f_train)
f_train, f_test = scale.transform(f_train), scale.transform(f_test)

n_classes = len(np.unique(cultivar))
model = keras.Sequential(
    [
        keras.Input((13,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(n_classes, activation="softmax"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(f_train, c_train, epochs=60, batch_size=8, verbose=0)

probabilities = model.predict(f_test, verbose=0)
guess = probabilities.argmax(axis=1)
print("confusion:")
for c in np.unique(cultivar):
    print(c, np.bincount(guess[c_test == c], minlength=n_classes + 1))
print(f"accuracy = {np.mean(guess == c_test):.3f}")
