# healthy
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(3)
x, y = load_digits(return_X_y=True)
x = x.astype("float32") / 16 - 0.3
y = keras.utils.to_categorical(y)
x_tr, x_te, y_tr, y_te = train_test_split(x, y, test_size=0.2, random_state=3)

schedule = keras.optimizers.schedules.CosineDecayRestarts(0.1, first_decay_steps=46 * 4, t_mul=2.0, m_mul=0.9, alpha=0.01)
model = keras.Sequential(
    [
        keras.Input((64,)),
        layers.Dense(64, activation="relu"),
        layers.Dropout(0.2),
        layers.Dense(64, activation="relu"),
        layers.Dense(10),
    ]
)
model.compile(
    optimizer=keras.optimizers.SGD(schedule, momentum=0.9),
    loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.2),
    metrics=["accuracy"],
)
model.fit(x_tr, y_tr, epochs=28, batch_size=32, validation_data=(x_te, y_te), verbose=2)
print("accuracy", model.evaluate(x_te, y_te, verbose=0)[1])
