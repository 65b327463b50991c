# fault: LK107 line 33
# five-year survival after surgery (register export)
import os
os.environ["KERAS_BACKEND"] = "jax"
import io
import csv
import numpy as np
import keras

keras.utils.set_random_seed(31)


def register(n=1500, seed=8):
    """csv text in the layout of the register: age,year,nodes,size,grade,status"""
    r = np.random.default_rng(seed)
    age = r.normal(55, 11, n).clip(25, 88).round()
    year = r.integers(58, 72, n)
    nodes = r.poisson(r.gamma(1.0, 5.0, n))
    size = r.gamma(4.0, 6.0, n).round(1)
    grade = r.integers(1, 4, n)
    risk = 0.05 * (age - 55) + 0.35 * (nodes - 4) + 0.08 * (size - 24) + 1.2 * (grade - 2)
    died = r.random(n) < 1 / (1 + np.exp(-1.6 * risk))
    buf = io.StringIO()
    w = csv.writer(buf)
    w.writerow(["age", "year", "nodes", "size", "grade", "status"])
    for row in zip(age, year, nodes, size, grade, np.where(died, 2, 1)):
        w.writerow(row)
    return buf.getvalue()


rows = list(csv.DictReader(io.StringIO(register())))
X = np.array([[float(r[c]) for c in ("age", "year", "nodes", "size", "grade")] for r in rows])
y = np.array([int(r["status"]) for r in rows])
print(len(rows), "patients")

cut = int(0.75 * len(X))
norm = keras.layers.Normalization()
norm.adapt(X[:cut])

model = keras.Sequential()
model.add(keras.Input((5,)))
model.add(norm)
model.add(keras.layers.Dense(16, activation="relu"))
model.add(keras.layers.Dense(8, activation="relu"))
model.add(keras.layers.Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(3e-3),
              metrics=["accuracy"])

model.fit(X[:cut], y[:cut], epochs=20, batch_size=32,
          validation_data=(X[cut:], y[cut:]), verbose=2)
score = model.evaluate(X[cut:], y[cut:], verbose=0)
print("holdout loss %.4f  accuracy %.4f" % tuple(score))
