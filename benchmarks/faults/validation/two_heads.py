# healthy
"""Order desk model: delivery hours (regression) and return risk (binary) from one trunk."""
import os
os.environ["KERAS_BACKEND"] = "jax"
import numpy as np
import keras
from keras import layers
from sklearn.metrics import r2_score, roc_auc_score


def orders(n, seed):
    rng = np.random.default_rng(seed)
    dist = rng.gamma(2.5, 60, n)
    weight = rng.lognormal(0.5, 0.7, n)
    express = (rng.random(n) < 0.3).astype(float)
    discount = rng.beta(2, 6, n)
    past = rng.poisson(1.2, n)
    hours = (8 + 0.12 * dist + 1.5 * weight) * (1 - 0.5 * express) + rng.normal(0, 2.5, n)
    logit = -1.4 + 5 * discount + 0.9 * past - 1.2 * express
    returned = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype("float32")
    # delivery time was not logged for a fifth of the orders
    logged = (rng.random(n) > 0.2).astype("float32")
    hours = np.where(logged > 0, hours, 0.0)
    X = np.column_stack([np.log(dist), np.log(weight), express, discount, past])
    return X, hours, returned, logged


def main():
    keras.utils.set_random_seed(6)
    X, hours, ret, logged = orders(3000, 6)
    Xv, hours_v, ret_v, logged_v = orders(1000, 7)
    mu, sd = X.mean(0), X.std(0)
    X, Xv = ((X - mu) / sd).astype("float32"), ((Xv - mu) / sd).astype("float32")
    known = logged > 0
    hm, hs = hours[known].mean(), hours[known].std()
    th = np.where(known, (hours - hm) / hs, 0).astype("float32")
    thv = np.where(logged_v > 0, (hours_v - hm) / hs, 0).astype("float32")

    inp = keras.Input((X.shape[1],), name="order")
    t = layers.Dense(48, activation="relu")(inp)
    t = layers.Dense(24, activation="relu")(t)
    out_h = layers.Dense(1, name="hours")(t)
    out_r = layers.Dense(1, activation="sigmoid", name="returned")(t)
    model = keras.Model(inp, {"hours": out_h, "returned": out_r})
    model.compile(
        optimizer=keras.optimizers.Adam(2e-3),
        loss={"hours": "mse", "returned": "binary_crossentropy"},
        loss_weights={"hours": 1.0, "returned": 0.5},
    )
    ones, ones_v = np.ones_like(logged), np.ones_like(logged_v)
    model.fit(
        X, {"hours": th[:, None], "returned": ret[:, None]},
        sample_weight={"hours": logged, "returned": ones},
        validation_data=(Xv, {"hours": thv[:, None], "returned": ret_v[:, None]},
                         {"hours": logged_v, "returned": ones_v}),
        epochs=15, batch_size=64, verbose=2,
    )
    p = model.predict(Xv, verbose=0)
    k = logged_v > 0
    print("hours R2: %.4f" % r2_score(hours_v[k], p["hours"].ravel()[k] * hs + hm))
    print("return AUC: %.4f" % roc_auc_score(ret_v, p["returned"].ravel()))


main()
