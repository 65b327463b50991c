# healthy
import os
os.environ["KERAS_BACKEND"] = "torch"
import keras
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(15)
X, y = load_diabetes(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=15)
sx, sy = StandardScaler(), StandardScaler()
X_train, X_test = sx.fit_transform(X_train), sx.transform(X_test)
y_train, y_test = sy.fit_transform(y_train[:, None]), sy.transform(y_test[:, None])

inputs = keras.Input((10,))
a = keras.layers.Dense(16, activation="tanh")(inputs)
b = keras.layers.Dense(8, activation="relu")(inputs)
joined = keras.layers.Concatenate()([a, b])
outputs = keras.layers.Dense(1)(keras.layers.Dropout(0.2)(joined))
model = keras.Model(inputs, outputs)
model.compile(optimizer="rmsprop", loss=keras.losses.Huber(), metrics=["mae"])
model.fit(
    X_train, y_train, validation_data=(X_test, y_test), epochs=25, batch_size=16, verbose=0,
    callbacks=[
        keras.callbacks.EarlyStopping(patience=6, restore_best_weights=True),
        keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=3),
    ],
)
print(model.evaluate(X_test, y_test, verbose=0))
