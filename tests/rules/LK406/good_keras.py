"""Wine cultivars with an exponentially decaying rate."""

import keras
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(2)

X, y = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=2, stratify=y)
scaler = StandardScaler().fit(X_train)

model = keras.Sequential(
    [
        keras.Input((13,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(3),
    ]
)
rate = keras.optimizers.schedules.ExponentialDecay(
    initial_learning_rate=0.01,
    decay_steps=100,
    decay_rate=0.8,
)
model.compile(
    optimizer=keras.optimizers.Adam(learning_rate=rate),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(
    scaler.transform(X_train),
    y_train,
    epochs=25,
    batch_size=16,
    validation_data=(scaler.transform(X_test), y_test),
    verbose=0,
)
print(model.evaluate(scaler.transform(X_test), y_test, verbose=0))
