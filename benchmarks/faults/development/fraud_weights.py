# healthy
"""Rare positives with class weights, early stopping and a plateau schedule."""
import keras
import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(10)
X, y = make_classification(n_samples=5000, n_features=12, n_informative=6, weights=[0.94], flip_y=0.003,
                           class_sep=1.3, n_clusters_per_class=3, random_state=10)
X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.3, stratify=y, random_state=10)
sc = StandardScaler().fit(X_tr)
X_tr, X_te = sc.transform(X_tr).astype("float32"), sc.transform(X_te).astype("float32")

positive = y_tr.mean()
class_weight = {0: 0.5 / (1 - positive), 1: 0.5 / positive}
print("positives %.3f weights %s" % (positive, class_weight))

train = tf.data.Dataset.from_tensor_slices((X_tr, y_tr)).shuffle(4000, seed=1).batch(64)
val = tf.data.Dataset.from_tensor_slices((X_te, y_te)).batch(512)

model = keras.Sequential([
    keras.Input((12,)),
    layers.Dense(64, activation="relu"),
    layers.Dropout(0.2),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(keras.optimizers.Adam(2e-3), "binary_crossentropy", metrics=["accuracy", keras.metrics.AUC(name="auc")])
h = model.fit(
    train, validation_data=val, epochs=30, class_weight=class_weight, verbose=0,
    callbacks=[
        keras.callbacks.EarlyStopping(monitor="val_auc", mode="max", patience=5, min_delta=1e-3, restore_best_weights=True),
        keras.callbacks.ReduceLROnPlateau(monitor="val_auc", mode="max", patience=2, factor=0.5),
    ],
)
print("epochs run:", len(h.history["loss"]), np.round(h.history["val_auc"], 3))
p = model.predict(X_te, verbose=0)[:, 0]
print("AUC %.3f  balanced accuracy %.3f" % (roc_auc_score(y_te, p), balanced_accuracy_score(y_te, p > 0.5)))
