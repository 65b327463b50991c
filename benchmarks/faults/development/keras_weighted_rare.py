# healthy
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
import numpy as np
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from tensorflow import keras

keras.utils.set_random_seed(13)
X, y = make_classification(n_samples=6000, n_features=12, n_informative=6, weights=[0.95], flip_y=0.0, class_sep=1.3, random_state=13)
X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.3, stratify=y, random_state=13)
sc = StandardScaler().fit(X_tr)
pos = y_tr.mean()

model = keras.Sequential(
    [
        keras.Input((12,)),
        keras.layers.Dense(24, activation="relu"),
        keras.layers.Dropout(0.2),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(
    keras.optimizers.Adam(3e-3),
    "binary_crossentropy",
    metrics=[keras.metrics.AUC(name="auc"), keras.metrics.Precision(name="prec"), keras.metrics.Recall(name="rec")],
)
cw = {0: 0.5 / (1 - pos), 1: 0.5 / pos}
model.fit(sc.transform(X_tr), y_tr, epochs=20, batch_size=128, class_weight=cw, validation_data=(sc.transform(X_te), y_te), verbose=2)
p = model.predict(sc.transform(X_te), verbose=0)[:, 0] > 0.5
print("balanced accuracy %.3f" % balanced_accuracy_score(y_te, p))
