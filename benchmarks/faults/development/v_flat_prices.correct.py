# healthy
import os
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
from keras.models import Sequential
from keras.layers import Input, Dense
from keras.optimizers import Adam
from keras.utils import set_random_seed
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

set_random_seed(7)
rng = np.random.default_rng(7)

# flats: surface, rooms, floor, distance to the centre, year, balcony
n = 2000
surface = rng.normal(70, 22, n).clip(18, 180)
rooms = (surface / 24 + rng.normal(0, .5, n)).round().clip(1, 7)
floor = rng.integers(0, 9, n)
dist = rng.gamma(2.0, 3.0, n)
year = rng.integers(1900, 2023, n)
balcony = rng.integers(0, 2, n)
price = (surface * (5.2 - 0.16 * dist) + 9 * rooms + 3 * floor
         + 0.3 * (year - 1960) + 14 * balcony + rng.normal(0, 18, n)) / 100   # in 100k EUR
dataset = np.c_[surface, rooms, floor, dist, year, balcony, price]

X, Y = dataset[:, :6], dataset[:, 6:]
X_tr, X_val, Y_tr, Y_val = train_test_split(X, Y, test_size=0.2, random_state=1)
xs = StandardScaler()
X_tr, X_val = xs.fit_transform(X_tr), xs.transform(X_val)

model = Sequential([
    Input((6,)),
    Dense(32, activation="relu"),
    Dense(32, activation="relu"),
    Dense(1),
])
model.compile(optimizer=Adam(1e-3), loss="mse", metrics=["mae"])

history = model.fit(X_tr, Y_tr, batch_size=32, epochs=25, verbose=0,
                    validation_data=(X_val, Y_val))
for e in range(0, 25, 6):
    print(e + 1, "loss", round(history.history["loss"][e], 4),
          "val_mae", round(history.history["val_mae"][e], 4))

pred = model.predict(X_val, verbose=0)
print("R2 on validation:", round(r2_score(Y_val, pred), 4))
