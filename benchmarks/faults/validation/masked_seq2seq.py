# healthy
"""Reverse variable-length digit strings: GRU encoder / decoder, padded and masked."""
import os
os.environ["KERAS_BACKEND"] = "tensorflow"
import numpy as np
import keras
from keras import layers

PAD, START = 0, 11          # tokens 1..10 are the digits 0..9
MAX_LEN = 4
VOCAB = 12


def batch(n, seed):
    rng = np.random.default_rng(seed)
    src = np.zeros((n, MAX_LEN), "int32")
    dec_in = np.zeros((n, MAX_LEN), "int32")
    tgt = np.zeros((n, MAX_LEN), "int32")
    for i in range(n):
        k = rng.integers(2, MAX_LEN + 1)
        s = rng.integers(1, 11, k)
        src[i, :k] = s
        tgt[i, :k] = s[::-1]
        dec_in[i, 0] = START
        dec_in[i, 1:k] = s[::-1][:-1]
    return src, dec_in, tgt


def build(dim=24, units=64):
    enc_in = keras.Input((MAX_LEN,), dtype="int32", name="src")
    dec_in = keras.Input((MAX_LEN,), dtype="int32", name="dec")
    emb = layers.Embedding(VOCAB, dim, mask_zero=True)
    _, state = layers.GRU(units, return_state=True)(emb(enc_in))
    seq = layers.GRU(units, return_sequences=True)(emb(dec_in), initial_state=state)
    logits = layers.Dense(VOCAB, name="logits")(seq)
    model = keras.Model([enc_in, dec_in], logits)
    model.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-2, 50 * 15), clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return model


def greedy(model, src):
    dec = np.zeros_like(src)
    dec[:, 0] = START
    out = np.zeros_like(src)
    for t in range(MAX_LEN):
        out[:, t] = model.predict_on_batch([src, dec])[:, t].argmax(-1)
        if t + 1 < MAX_LEN:
            dec[:, t + 1] = out[:, t]
    return out


keras.utils.set_random_seed(12)
src, dec, tgt = batch(3200, 1)
vs, vd, vt = batch(500, 2)
weights = (tgt != PAD).astype("float32")
v_weights = (vt != PAD).astype("float32")
model = build()
model.fit([src, dec], tgt, sample_weight=weights, batch_size=64, epochs=15,
          validation_data=([vs, vd], vt, v_weights), verbose=2)

out = greedy(model, vs)
keep = vt != PAD
print("token accuracy: %.4f" % (out == vt)[keep].mean())
print("exact match: %.4f" % np.mean([(out[i][keep[i]] == vt[i][keep[i]]).all() for i in range(len(vs))]))
