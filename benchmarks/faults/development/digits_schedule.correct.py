# healthy
import keras
import tensorflow as tf
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

BATCH_SIZE = 32
EPOCHS = 15
INITIAL_LR = 0.05
DECAY_STEPS = 150
DECAY_RATE = 0.9

keras.utils.set_random_seed(23)

images, labels = load_digits(return_X_y=True)
images = images.reshape(-1, 8, 8, 1).astype("float32") / 16.0
x_train, x_val, y_train, y_val = train_test_split(images, labels, test_size=0.2, random_state=23)

train_ds = (
    tf.data.Dataset.from_tensor_slices((x_train, y_train))
    .shuffle(len(x_train), seed=23)
    .batch(BATCH_SIZE)
    .prefetch(tf.data.AUTOTUNE)
)
val_ds = tf.data.Dataset.from_tensor_slices((x_val, y_val)).batch(256)


def conv_net():
    inputs = keras.Input((8, 8, 1))
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(inputs)
    x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(32, 3, padding="same", activation="relu")(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.3)(x)
    return keras.Model(inputs, layers.Dense(10)(x))


schedule = keras.optimizers.schedules.ExponentialDecay(
    INITIAL_LR, decay_steps=DECAY_STEPS, decay_rate=DECAY_RATE
)
model = conv_net()
model.compile(
    optimizer=keras.optimizers.SGD(learning_rate=schedule),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
history = model.fit(train_ds, validation_data=val_ds, epochs=EPOCHS, verbose=2)
print("final val accuracy: %.3f" % history.history["val_accuracy"][-1])
