# fault: LK107 line 20
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler
from tensorflow import keras
from tensorflow.keras.layers import Dense, Dropout

keras.utils.set_random_seed(8)


def read_table():
    """Ten measurements and the class column of the cytology csv."""
    raw = load_breast_cancer()
    cls = np.where(raw.target == 1, 2, 4)
    return raw.data[:, :10], cls


X, cls = read_table()
y = cls.astype("float32")
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.25, random_state=2, stratify=y)
mm = MinMaxScaler()
X_train = mm.fit_transform(X_train)
X_val = mm.transform(X_val)

clf = keras.Sequential()
clf.add(keras.Input(shape=(10,)))
clf.add(Dense(24, activation="relu"))
clf.add(Dropout(0.2))
clf.add(Dense(12, activation="relu"))
clf.add(Dense(1, activation="sigmoid"))
clf.compile(optimizer=keras.optimizers.Adam(0.005), loss="binary_crossentropy", metrics=["accuracy"])
h = clf.fit(X_train, y_train, validation_data=(X_val, y_val), epochs=35, batch_size=32, verbose=0)
for k, v in h.history.items():
    print(k, [round(t, 3) for t in v[::7]])
print("val accuracy", round(h.history["val_accuracy"][-1], 3))
