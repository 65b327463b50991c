# healthy
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
from keras import layers, ops
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(35)


def net(hidden):
    return keras.Sequential([keras.Input((64,)), layers.Dense(hidden, activation="relu"), layers.Dense(10)])


class StudentModel(keras.Model):
    def __init__(self, student, teacher, temperature=2.0):
        super().__init__()
        self.student = student
        self.teacher = teacher
        self.temperature = temperature
        self.divergence = keras.losses.KLDivergence()

    def call(self, x):
        return self.student(x)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True, allow_empty=False):
        t = ops.stop_gradient(self.teacher(x)) / self.temperature
        s = y_pred / self.temperature
        return self.divergence(ops.softmax(t, axis=-1), ops.softmax(s, axis=-1))


x, y = load_digits(return_X_y=True)
x = (x / 16.0).astype("float32")
x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=35)

teacher = net(128)
teacher.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
teacher.fit(x_train, y_train, epochs=12, batch_size=32, verbose=0)
print("teacher accuracy %.3f" % teacher.evaluate(x_test, y_test, verbose=0)[1])
teacher.trainable = False

student = net(24)
distiller = StudentModel(student, teacher)
distiller.compile(optimizer=keras.optimizers.Adam(3e-3))
distiller.fit(x_train, y_train, epochs=20, batch_size=32, verbose=2)

pred = student.predict(x_test, verbose=0).argmax(axis=1)
print("student accuracy %.3f" % (pred == y_test).mean())
