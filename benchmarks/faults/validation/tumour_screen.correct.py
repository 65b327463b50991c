# healthy
import os
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
from keras.models import Sequential
from keras.layers import Input, Dense, Dropout
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import MinMaxScaler
from sklearn.model_selection import train_test_split
from sklearn.metrics import classification_report, confusion_matrix

np.random.seed(101)
keras.utils.set_random_seed(101)

cancer = load_breast_cancer()
X = cancer.data
y = cancer.target

X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=101)

scaler = MinMaxScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)
print(X_train.shape, X_test.shape)

model = Sequential()
model.add(Input(shape=(30,)))
model.add(Dense(30, activation="relu"))
model.add(Dropout(0.2))
model.add(Dense(15, activation="relu"))
model.add(Dropout(0.2))
model.add(Dense(1, activation="sigmoid"))

model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])

early_stop = keras.callbacks.EarlyStopping(
    monitor="val_loss", mode="min", patience=12, restore_best_weights=True
)
history = model.fit(
    x=X_train,
    y=y_train,
    epochs=45,
    batch_size=32,
    validation_split=0.15,
    callbacks=[early_stop],
    verbose=2,
)

proba = model.predict(X_test, verbose=0)
predictions = (proba > 0.5).astype("int32").ravel()
print(confusion_matrix(y_test, predictions))
print(classification_report(y_test, predictions, zero_division=0))
print("accuracy:", (predictions == y_test).mean())
