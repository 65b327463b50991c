# healthy
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from tensorflow import keras
from tensorflow.keras import callbacks, layers

keras.utils.set_random_seed(14)
X, y = load_breast_cancer(return_X_y=True)
X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.25, stratify=y, random_state=14)
sc = StandardScaler().fit(X_tr)
model = keras.Sequential([layers.Input((30,)), layers.Dense(16, activation="relu", kernel_regularizer="l2"), layers.Dense(1, activation="sigmoid")])
model.compile(keras.optimizers.Adam(5e-3), "binary_crossentropy", metrics=["accuracy"])
h = model.fit(
    sc.transform(X_tr),
    y_tr,
    validation_split=0.2,
    epochs=200,
    batch_size=32,
    verbose=2,
    callbacks=[
        callbacks.ReduceLROnPlateau(patience=3, factor=0.5),
        callbacks.EarlyStopping(patience=6, min_delta=1e-3, restore_best_weights=True),
    ],
)
print("stopped after", len(h.epoch), "epochs")
print("test accuracy %.3f" % model.evaluate(sc.transform(X_te), y_te, verbose=0)[1])
