# healthy
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tensorflow import keras

keras.utils.set_random_seed(21)
BATCH = 32

images, labels = load_digits(return_X_y=True)
images = images.reshape(-1, 8, 8, 1).astype("float32") / 16.0
onehot = keras.utils.to_categorical(labels, 10)
xa, xb, ya, yb = train_test_split(images, onehot, test_size=0.2, random_state=4, stratify=labels)

train_ds = tf.data.Dataset.from_tensor_slices((xa, ya)).shuffle(2000, seed=1).batch(BATCH).prefetch(2)
val_ds = tf.data.Dataset.from_tensor_slices((xb, yb)).batch(128)

model = keras.models.Sequential(
    [
        keras.layers.Input((8, 8, 1)),
        keras.layers.Conv2D(12, 3, activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Flatten(),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(train_ds, validation_data=val_ds, epochs=15, verbose=2)
score = model.evaluate(val_ds, verbose=0)
print("Test loss:", score[0])
print("Test accuracy:", score[1])
