# healthy
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
from keras import activations, layers, losses, optimizers, regularizers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

NUM_CLASSES = 10
BATCH_SIZE = 64
EPOCHS = 30
keras.utils.set_random_seed(3)

x, y = load_digits(return_X_y=True)
x = x / 16.0
y = keras.utils.to_categorical(y, NUM_CLASSES)
x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.2, random_state=3)

penalty = regularizers.L2(0.0001)
model = keras.models.Sequential(
    [
        layers.Input(shape=x_train.shape[1:]),
        layers.Dense(units=36, activation=activations.relu, kernel_regularizer=penalty),
        layers.Dense(units=36, activation=activations.relu, kernel_regularizer=penalty),
        layers.Dense(units=NUM_CLASSES, activation=activations.softmax, kernel_regularizer=penalty),
    ]
)
model.summary()
model.compile(loss=losses.CategoricalCrossentropy(), optimizer=optimizers.RMSprop(), metrics=["accuracy"])
history = model.fit(x_train, y_train, batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=2, validation_data=(x_val, y_val))
print("validation accuracy", history.history["val_accuracy"][-1])
