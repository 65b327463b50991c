# healthy
import os
os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from keras import layers
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(2)
X, y = make_classification(
    n_samples=4000, n_features=16, n_informative=8, n_classes=3, n_clusters_per_class=1,
    weights=[0.75, 0.17, 0.08], class_sep=1.6, flip_y=0.0, random_state=2,
)
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.3, stratify=y, random_state=2)
scaler = StandardScaler().fit(X_train)
X_train, X_val = scaler.transform(X_train), scaler.transform(X_val)
counts = np.bincount(y_train)
class_weight = {c: len(y_train) / (3 * n) for c, n in enumerate(counts)}
print("class counts", counts)

model = keras.Sequential(
    [
        keras.Input((16,)),
        layers.Dense(48, activation="gelu"),
        layers.Dropout(0.3),
        layers.Dense(3),
    ]
)
model.compile(
    optimizer=keras.optimizers.AdamW(3e-3, weight_decay=1e-3),
    loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
    metrics=["accuracy"],
)
stopper = keras.callbacks.EarlyStopping("val_loss", patience=6, restore_best_weights=True)
halve = keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.5, patience=3)
log = model.fit(
    X_train,
    keras.utils.to_categorical(y_train, 3),
    validation_data=(X_val, keras.utils.to_categorical(y_val, 3)),
    class_weight=class_weight,
    batch_size=64,
    epochs=80,
    callbacks=[stopper, halve],
    verbose=0,
)
pred = model.predict(X_val, verbose=0).argmax(1)
print("stopped after", len(log.epoch), "epochs, best val loss", min(log.history["val_loss"]))
print("balanced accuracy %.3f" % balanced_accuracy_score(y_val, pred))
