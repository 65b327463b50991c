# healthy
import os
os.environ["KERAS_BACKEND"] = "torch"
import numpy as np
import keras
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(16)
X, y = make_classification(6000, n_features=12, n_informative=6, n_redundant=0, weights=[0.93], class_sep=1.2,
                           n_clusters_per_class=1, flip_y=0.01, random_state=16)
X_tr, X_te, y_tr, y_te = train_test_split(X.astype("float32"), y, test_size=0.3, stratify=y, random_state=16)
norm = keras.layers.Normalization()
norm.adapt(X_tr)

model = keras.Sequential([keras.Input((12,)), norm, keras.layers.Dense(24, activation="relu"),
                          keras.layers.Dropout(0.1), keras.layers.Dense(1, activation="sigmoid")])
model.compile(keras.optimizers.Adam(3e-3), "binary_crossentropy", weighted_metrics=["accuracy"],
              metrics=[keras.metrics.AUC(name="auc")])
n = len(y_tr)
weights = {0: n / (2 * (y_tr == 0).sum()), 1: n / (2 * (y_tr == 1).sum())}
model.fit(X_tr, y_tr, epochs=12, batch_size=64, class_weight=weights, validation_data=(X_te, y_te), verbose=2)
prob = model.predict(X_te, verbose=0).ravel()
print("balanced accuracy", balanced_accuracy_score(y_te, prob > 0.5), "AUC", roc_auc_score(y_te, prob))
