# healthy
import os
os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
import pandas as pd
from keras.layers import Dense, Input
from keras.models import Sequential
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(42)
rng = np.random.RandomState(42)

# ---- data -----------------------------------------------------------
n = 1500
houses = pd.DataFrame({
    "area": rng.normal(1800, 500, n).clip(500),
    "bedrooms": rng.randint(1, 6, n),
    "age": rng.randint(0, 80, n),
    "lot": rng.lognormal(8.8, 0.4, n),
    "dist_center": rng.gamma(3, 3, n),
    "school": rng.uniform(1, 10, n),
})
houses["price"] = (
    60_000 + 130 * houses.area + 9_000 * houses.bedrooms - 900 * houses.age
    + 3.5 * houses.lot - 6_000 * houses.dist_center
    + 8_000 * houses.school * (houses.dist_center < 8)
    + rng.normal(0, 18_000, n)
)
print(houses.describe().round(1))

features = [c for c in houses.columns if c != "price"]
X_train, X_test, y_train, y_test = train_test_split(
    houses[features].values, houses["price"].values, test_size=0.2, random_state=0
)

x_scaler = StandardScaler()
X_train = x_scaler.fit_transform(X_train)
X_test = x_scaler.transform(X_test)

y_scaler = StandardScaler()
t_train = y_scaler.fit_transform(y_train.reshape(-1, 1))

# ---- model ----------------------------------------------------------
model = Sequential([
    Input((len(features),)),
    Dense(64, activation="relu"),
    Dense(32, activation="relu"),
    Dense(1),
])
model.compile(loss="mean_squared_error", optimizer=keras.optimizers.Adam(learning_rate=0.001))
history = model.fit(X_train, t_train, validation_split=0.1, epochs=30, batch_size=32, verbose=2)

# ---- evaluation -----------------------------------------------------
pred = y_scaler.inverse_transform(model.predict(X_test, verbose=0)).ravel()
print("MAE: %.0f" % mean_absolute_error(y_test, pred))
print("R2 : %.3f" % r2_score(y_test, pred))
