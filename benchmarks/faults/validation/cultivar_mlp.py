# fault: LK505 line 24, 25
# %% Wine cultivar classification
import os
os.environ["KERAS_BACKEND"] = "torch"
import numpy as np
import pandas as pd
import keras
from keras import layers
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(3)

# %% Load into a frame and have a look
raw = load_wine(as_frame=True)
df = raw.frame
print(df.describe().T[["mean", "std", "min", "max"]])

feature_cols = [c for c in df.columns if c != "target"]
train_df, test_df = train_test_split(df, test_size=0.3, random_state=3, stratify=df["target"])

# %% To numpy
x_train = train_df[feature_cols].to_numpy("float32")
x_test = test_df[feature_cols].to_numpy("float32")
y_train = keras.utils.to_categorical(train_df["target"], 3)
y_test = keras.utils.to_categorical(test_df["target"], 3)
print(x_train.shape, y_train.shape)

# %% Model
model = keras.Sequential(name="cultivar")
model.add(keras.Input(shape=(len(feature_cols),)))
model.add(layers.Dense(32, activation="tanh"))
model.add(layers.Dense(16, activation="tanh"))
model.add(layers.Dense(3, activation="softmax"))
model.compile(loss="categorical_crossentropy",
              optimizer=keras.optimizers.SGD(learning_rate=0.02, momentum=0.9),
              metrics=["accuracy"])

# %% Train
hist = model.fit(x_train, y_train, batch_size=16, epochs=30,
                 validation_data=(x_test, y_test), verbose=0)
for i in range(0, 30, 5):
    print(f"epoch {i + 1:3d}  loss {hist.history['loss'][i]:.4f}  "
          f"val_loss {hist.history['val_loss'][i]:.4f}  "
          f"val_acc {hist.history['val_accuracy'][i]:.3f}")

# %% Evaluate
loss, acc = model.evaluate(x_test, y_test, verbose=0)
pred = model.predict(x_test, verbose=0).argmax(1)
print(pd.crosstab(test_df["target"].to_numpy(), pred, rownames=["true"], colnames=["pred"]))
print(f"held-out accuracy: {acc:.4f}")
