# healthy
"""Gene readings of a biopsy: benign or not."""
import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from keras import layers
from sklearn.metrics import roc_auc_score

keras.utils.set_random_seed(19)
rng = np.random.default_rng(19)


def biopsies(n):
    genes = rng.normal(size=(n, 60)).astype("float32")
    score = genes[:, :10].sum(1) * 0.9 + rng.normal(0, 1.0, n)
    return genes, (score > 0).astype("float32")


x_train, y_train = biopsies(160)
x_val, y_val = biopsies(600)

model = keras.Sequential([
    keras.Input((60,)),
    layers.Dropout(0.3),
    layers.Dense(1, kernel_regularizer=keras.regularizers.L2(0.02)),
])
model.compile(
    optimizer=keras.optimizers.Adam(3e-3),
    loss=keras.losses.BinaryCrossentropy(from_logits=True),
    metrics=[keras.metrics.BinaryAccuracy(threshold=0.0, name="acc")],
)
stop = keras.callbacks.EarlyStopping(patience=8, restore_best_weights=True)
hist = model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=60, batch_size=16,
                 callbacks=[stop], verbose=0)
h = hist.history
for e in range(9, len(h["loss"]), 10):
    print(f"epoch {e + 1}: loss {h['loss'][e]:.4f} acc {h['acc'][e]:.3f} "
          f"val_loss {h['val_loss'][e]:.3f} val_acc {h['val_acc'][e]:.3f}")
print("validation", model.evaluate(x_val, y_val, verbose=0, return_dict=True))
print("validation AUC", roc_auc_score(y_val, model.predict(x_val, verbose=0).ravel()))
