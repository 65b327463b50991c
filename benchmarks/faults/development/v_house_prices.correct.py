# healthy
import os
os.environ["KERAS_BACKEND"] = "torch"

import numpy as np
import keras
from keras import layers
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(31)


def sales(n=1500):
    rng = np.random.default_rng(31)
    area = rng.uniform(40, 220, n)
    rooms = np.clip(np.round(area / 28 + rng.normal(0, 0.8, n)), 1, 9)
    age = rng.uniform(0, 80, n)
    distance = rng.gamma(2.0, 4.0, n)
    garden = rng.integers(0, 2, n)
    price = 40_000 + 2_400 * area + 6_000 * rooms - 900 * age - 5_500 * distance + 25_000 * garden
    price = price + 8 * area * (30 - distance) + rng.normal(0, 18_000, n)
    return np.column_stack([area, rooms, age, distance, garden]), price


X, price = sales()
X_train, X_test, p_train, p_test = train_test_split(X, price, test_size=0.2, random_state=31)
x_scaler = StandardScaler().fit(X_train)
X_train = x_scaler.transform(X_train)
X_test = x_scaler.transform(X_test)
p_scaler = StandardScaler().fit(p_train[:, None])

# wide part sees the features directly, deep part their interactions
features = keras.Input(shape=(5,), name="features")
deep = layers.Dense(32, activation="relu")(features)
deep = layers.Dense(16, activation="relu")(deep)
merged = layers.Concatenate()([features, deep])
value = layers.Dense(1, name="price")(merged)
model = keras.Model(features, value)
model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.003), loss="mse")

target = p_scaler.transform(p_train[:, None])
model.fit(X_train, target, validation_split=0.1, epochs=15, batch_size=32, verbose=0)
pred = p_scaler.inverse_transform(model.predict(X_test, verbose=0))[:, 0]
print(f"MAE  {mean_absolute_error(p_test, pred):,.0f}")
print(f"R^2  {r2_score(p_test, pred):.3f}")
for guess, real in list(zip(pred, p_test))[:5]:
    print(f"   predicted {guess:>10,.0f}   sold for {real:>10,.0f}")
