# fault: LK506 line 24
import os
os.environ["KERAS_BACKEND"] = "jax"
import numpy as np
import keras


class CurveFitter:
    """Learns turbine output (W) from wind speed, pitch and air density."""

    def __init__(self, hidden=(64, 64), lr=1e-3, epochs=40):
        self.hidden, self.lr, self.epochs = hidden, lr, epochs

    def build(self, dim):
        m = keras.Sequential([keras.Input((dim,))])
        for h in self.hidden:
            m.add(keras.layers.Dense(h, activation="relu"))
        m.add(keras.layers.Dense(1))
        m.compile(optimizer=keras.optimizers.Adam(self.lr), loss="mean_squared_error")
        return m

    def fit(self, X, y, X_val, y_val):
        self.mu, self.sd = X.mean(0), X.std(0)
        self.t_mu, self.t_sd = 0.0, 1.0
        self.model = self.build(X.shape[1])
        return self.model.fit((X - self.mu) / self.sd, (y - self.t_mu) / self.t_sd,
                              validation_data=((X_val - self.mu) / self.sd,
                                               (y_val - self.t_mu) / self.t_sd),
                              epochs=self.epochs, batch_size=64, verbose=0)

    def predict(self, X):
        out = self.model.predict((X - self.mu) / self.sd, verbose=0).ravel()
        return out * self.t_sd + self.t_mu


def turbine_data(n=1800, seed=3):
    r = np.random.default_rng(seed)
    v = r.uniform(3, 14, n)
    pitch = r.uniform(0, 12, n)
    rho = r.normal(1.2, 0.05, n)
    watts = 0.5 * rho * 80.0 * v ** 3 * (0.45 - 0.02 * pitch)
    watts += r.normal(0, 900, n)
    return np.c_[v, pitch, rho].astype("float32"), watts.astype("float32")


if __name__ == "__main__":
    keras.utils.set_random_seed(11)
    X, y = turbine_data()
    fitter = CurveFitter()
    h = fitter.fit(X[:1400], y[:1400], X[1400:], y[1400:])
    print("loss first/last", h.history["loss"][0], h.history["loss"][-1])
    p = fitter.predict(X[1400:])
    t = y[1400:]
    r2 = 1 - ((p - t) ** 2).sum() / ((t - t.mean()) ** 2).sum()
    print("val R2 = %.4f" % r2)
