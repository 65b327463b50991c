# healthy
import os
os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
import pandas as pd
from keras import layers
from sklearn.metrics import balanced_accuracy_score, classification_report, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_class_weight

keras.utils.set_random_seed(64)
rng = np.random.default_rng(64)

n = 5000
icu = pd.DataFrame({
    "heart_rate": rng.normal(85, 14, n),
    "resp": rng.normal(17, 4, n),
    "temp": rng.normal(37.1, 0.6, n),
    "lactate": rng.gamma(3, 0.5, n),
    "map": rng.normal(82, 11, n),
    "wbc": rng.gamma(6, 1.5, n),
})
risk = (
    0.05 * (icu.heart_rate - 85) + 0.15 * (icu["resp"] - 17) + 1.0 * (icu.temp - 37.1)
    + 1.2 * (icu.lactate - 1.5) - 0.06 * (icu["map"] - 82) + rng.normal(0, 0.5, n)
)
icu["sepsis"] = (risk > np.quantile(risk, 0.95)).astype(int)

features = icu.columns.drop("sepsis")
x_tr, x_te, y_tr, y_te = train_test_split(
    icu[features], icu.sepsis, test_size=0.3, stratify=icu.sepsis, random_state=2)
pipe = StandardScaler()
x_tr = pipe.fit_transform(x_tr).astype("float32")
x_te = pipe.transform(x_te).astype("float32")
y_tr, y_te = y_tr.to_numpy(), y_te.to_numpy()

cw = compute_class_weight("balanced", classes=np.array([0, 1]), y=y_tr)
class_weight = {0: float(cw[0]), 1: float(cw[1])}
print("class weights", class_weight)

inp = keras.Input((len(features),))
h = layers.Dense(16, activation="relu")(inp)
h = layers.Dense(8, activation="relu")(h)
model = keras.Model(inp, layers.Dense(1, activation="sigmoid")(h))
model.compile(
    optimizer=keras.optimizers.Adam(2e-3),
    loss="binary_crossentropy",
    weighted_metrics=[],
    metrics=[keras.metrics.AUC(name="auc")],
)
model.fit(x_tr, y_tr, epochs=15, batch_size=64, class_weight=class_weight,
          validation_data=(x_te, y_te), verbose=2)

prob = model.predict(x_te, verbose=0).ravel()
print(classification_report(y_te, prob > 0.5, digits=3))
print("balanced acc %.3f   auc %.3f" % (
    balanced_accuracy_score(y_te, prob > 0.5), roc_auc_score(y_te, prob)))
