# healthy
import os
os.environ["KERAS_BACKEND"] = "torch"
import numpy as np
import keras
from sklearn.datasets import make_classification
from sklearn.utils.class_weight import compute_class_weight

keras.utils.set_random_seed(12)
X, y = make_classification(2500, 15, n_informative=6, weights=[0.92], class_sep=1.2, random_state=12)
X = X.astype("float32")
weights = compute_class_weight("balanced", classes=np.array([0, 1]), y=y)
model = keras.Sequential([
    keras.layers.Input((15,)),
    keras.layers.Dense(32, activation="relu"),
    keras.layers.BatchNormalization(),
    keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(3e-3), loss="binary_crossentropy", metrics=["accuracy", keras.metrics.Recall()])
model.fit(
    X, y, epochs=10, batch_size=64, validation_split=0.2, verbose=2, class_weight=dict(enumerate(weights)),
    callbacks=[keras.callbacks.EarlyStopping(patience=4, restore_best_weights=True)],
)
