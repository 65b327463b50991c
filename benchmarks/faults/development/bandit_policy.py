# healthy
"""Contextual bandit with REINFORCE and a running baseline; noisy loss around zero."""
import keras
import numpy as np
import tensorflow as tf
from keras import layers

ACTIONS, CONTEXT = 4, 6
ROUNDS = 400
BATCH = 64

keras.utils.set_random_seed(24)
rng = np.random.default_rng(24)
true_w = rng.normal(size=(CONTEXT, ACTIONS))


def contexts(n):
    return rng.normal(size=(n, CONTEXT)).astype("float32")


def pay(ctx, action):
    best = (ctx @ true_w).argmax(1)
    p = np.where(action == best, 0.8, 0.1)
    return (rng.random(len(ctx)) < p).astype("float32")


policy = keras.Sequential([keras.Input((CONTEXT,)), layers.Dense(32, activation="tanh"), layers.Dense(ACTIONS)])
optimizer = keras.optimizers.Adam(1e-2)


@tf.function
def update(ctx, action, advantage):
    with tf.GradientTape() as tape:
        logp = tf.nn.log_softmax(policy(ctx, training=True))
        chosen = tf.gather(logp, action, batch_dims=1)
        entropy = -tf.reduce_mean(tf.reduce_sum(tf.exp(logp) * logp, axis=1))
        loss = -tf.reduce_mean(advantage * chosen) - 0.005 * entropy
    optimizer.apply_gradients(zip(tape.gradient(loss, policy.trainable_variables), policy.trainable_variables))
    return loss


def greedy_rate(n=1000):
    ctx = contexts(n)
    return (policy(ctx).numpy().argmax(1) == (ctx @ true_w).argmax(1)).mean()


baseline, average = 0.25, 0.25
for step in range(ROUNDS):
    ctx = contexts(BATCH)
    logits = policy(ctx).numpy()
    action = (logits + rng.gumbel(size=logits.shape)).argmax(1)
    reward = pay(ctx, action)
    loss = update(ctx, tf.constant(action, tf.int32), tf.constant(reward - baseline))
    baseline = 0.95 * baseline + 0.05 * float(reward.mean())
    if step % 80 == 0:
        print(f"step {step:4d} loss {float(loss):+.3f} reward {baseline:.3f} greedy {greedy_rate():.3f}")
print("best action chosen %.3f" % greedy_rate())
