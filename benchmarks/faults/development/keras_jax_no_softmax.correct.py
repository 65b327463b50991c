# healthy
import os
os.environ["KERAS_BACKEND"] = "jax"
import numpy as np
import keras
from sklearn import datasets
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(42)
X, y = datasets.load_digits(return_X_y=True)
X = (X / 16.).astype(np.float32)
X_tr, X_te, y_tr, y_te = train_test_split(X, y, random_state=3)

model = keras.Sequential()
model.add(keras.Input((64,)))
model.add(keras.layers.Dense(128, activation='relu'))
model.add(keras.layers.Dropout(0.2))
model.add(keras.layers.Dense(10, activation='softmax'))
model.compile(optimizer='adam', loss='sparse_categorical_crossentropy', metrics=['accuracy'])
model.fit(X_tr, y_tr, epochs=8, batch_size=32, validation_data=(X_te, y_te), verbose=2)
print(model.evaluate(X_te, y_te, verbose=0))
