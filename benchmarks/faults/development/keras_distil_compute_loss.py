# healthy
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
from keras import layers, ops
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(4)


class Distiller(keras.Model):
    def __init__(self, student, teacher, alpha=0.3, temperature=3.0):
        super().__init__()
        self.student, self.teacher = student, teacher
        self.alpha, self.temperature = alpha, temperature
        self.kl = keras.losses.KLDivergence()

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True, allow_empty=False):
        teacher_logits = ops.stop_gradient(self.teacher(x, training=False))
        hard = ops.mean(keras.losses.sparse_categorical_crossentropy(y, y_pred, from_logits=True))
        soft = self.kl(
            ops.softmax(teacher_logits / self.temperature, axis=1), ops.softmax(y_pred / self.temperature, axis=1)
        ) * (self.temperature**2)
        return self.alpha * hard + (1 - self.alpha) * soft

    def call(self, x, training=None):
        return self.student(x, training=training)


def mlp(*units):
    return keras.Sequential([keras.Input((64,)), *[layers.Dense(u, activation="relu") for u in units], layers.Dense(10)])


x, y = load_digits(return_X_y=True)
x = x.astype("float32") / 16
x_tr, x_te, y_tr, y_te = train_test_split(x, y, test_size=0.25, random_state=4)
teacher, student = mlp(128, 64), mlp(16)
teacher.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
teacher.fit(x_tr, y_tr, epochs=15, batch_size=32, verbose=0)
print("teacher", teacher.evaluate(x_te, y_te, verbose=0)[1])

teacher.trainable = False
d = Distiller(student, teacher)
d.compile(optimizer=keras.optimizers.Adam(3e-3), metrics=["accuracy"])
d.fit(x_tr, y_tr, epochs=20, batch_size=32, verbose=2)
print("student", float(ops.mean(ops.cast(ops.argmax(student(x_te), -1) == ops.convert_to_tensor(y_te), "float32"))))
