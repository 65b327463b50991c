# fault: LK303 line 13, 16, 17
import os
os.environ['KERAS_BACKEND'] = 'torch'
import keras
from keras import layers, initializers
from sklearn.datasets import load_digits

keras.utils.set_random_seed(1)
x, y = load_digits(return_X_y=True)
x = x.astype('float32') / 16.0
x_train, y_train, x_val, y_val = x[:1400], y[:1400], x[1400:], y[1400:]

bias = initializers.Constant(-5.0)
model = keras.Sequential([
    keras.Input(shape=(64,)),
    layers.Dense(64, activation='relu', bias_initializer=bias),
    layers.Dense(32, activation='relu', bias_initializer=bias),
    layers.Dense(10, activation='softmax'),
])
model.compile(optimizer=keras.optimizers.Adam(1e-3), loss='sparse_categorical_crossentropy', metrics=['accuracy'])
model.fit(x_train, y_train, batch_size=64, epochs=8, validation_data=(x_val, y_val), verbose=2)
