"""Logs of other tools, as those tools write them."""

import json
import math

import pytest

from losskit.recording.facts import End, Start
from losskit.recording.file import write
from losskit.recording.readers import read
from losskit.recording.readers.rows import signal_name
from losskit.recording.recording import Recording

KERAS = """epoch,accuracy,loss,val_accuracy,val_loss
0,0.5,1.2,0.55,1.1
1,0.7,nan,0.65,0.9
2,0.8,0.6,0.60,inf
"""
LIGHTNING = """epoch,lr-Adam,step,train_loss_epoch,train_loss_step,val_acc,val_loss
,0.001,0,,,,
0,,49,,1.5,,
0,,99,,1.2,,
0,,99,,,0.8,0.9
0,,99,1.35,,,
1,,149,,1.0,,
1,,199,,0.8,,
1,,199,,,0.9,0.7
"""


def saved(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    return tmp_path / name


def series(recording, name):
    return list(recording.signal(name))


def test_keras_csv_logger(tmp_path):
    recording = read(saved(tmp_path, "log.csv", KERAS))
    assert series(recording, "loss")[0] == (0, 1.2)
    assert math.isnan(recording.signal("loss").values[1])
    assert series(recording, "validation/loss")[2] == (2, math.inf)
    assert series(recording, "validation/metric") == [(0, 0.55), (1, 0.65), (2, 0.60)]
    assert series(recording, "metric") == [(0, 0.5), (1, 0.7), (2, 0.8)]
    metric = recording.metric
    assert (metric.name, metric.value, metric.best, metric.source) == ("accuracy", 0.60, 0.65, "validation")
    assert recording.progress.epochs == 3
    assert recording.start.script == str(tmp_path / "log.csv")


def test_keras_csv_logger_with_another_separator(tmp_path):
    assert series(read(saved(tmp_path, "log.csv", KERAS.replace(",", ";"))), "loss")[2] == (2, 0.6)


def test_lightning_metrics_with_blank_cells(tmp_path):
    recording = read(saved(tmp_path, "metrics.csv", LIGHTNING))
    assert series(recording, "loss") == [(49, 1.5), (99, 1.2), (149, 1.0), (199, 0.8)]
    assert series(recording, "validation/loss") == [(99, 0.9), (199, 0.7)]
    assert series(recording, "validation/metric") == [(99, 0.8), (199, 0.9)]
    assert series(recording, "rate") == [(0, 0.001)]
    assert recording.progress.steps == 199
    assert recording.progress.epochs == 2


def test_trainer_state(tmp_path):
    history = [
        {"epoch": 0.5, "grad_norm": 1.5, "learning_rate": 5e-5, "loss": 2.0, "step": 10},
        {"epoch": 1.0, "grad_norm": 1.1, "learning_rate": 4e-5, "loss": 1.5, "step": 20},
        {"epoch": 1.0, "eval_accuracy": 0.7, "eval_loss": 1.4, "eval_runtime": 3.0, "step": 20},
        {"epoch": 1.0, "train_loss": 1.75, "train_runtime": 60.0, "step": 20},
    ]
    state = {"log_history": history, "global_step": 20, "train_batch_size": 8, "best_metric": None}
    recording = read(saved(tmp_path, "trainer_state.json", json.dumps(state, indent=2)))
    assert series(recording, "loss") == [(10, 2.0), (20, 1.5)]
    assert series(recording, "validation/loss") == [(20, 1.4)]
    assert series(recording, "gradient_norm") == [(10, 1.5), (20, 1.1)]
    assert series(recording, "rate") == [(10, 5e-5), (20, 4e-5)]
    assert recording.metric.value == 0.7
    assert recording.progress.batch_size == 8


def test_our_own(tmp_path):
    recording = Recording(start=Start("train.py", framework="torch"), end=End(0, 1.0))
    recording.measure("loss", 3, 0.5)
    write(recording, tmp_path / "run.jsonl")
    assert read(tmp_path / "run.jsonl") == recording
    (tmp_path / "one.jsonl").write_text('{"signal":"loss","step":1,"value":0.5}\n')
    assert series(read(tmp_path / "one.jsonl"), "loss") == [(1, 0.5)]


def test_a_log_that_was_appended_to_goes_by_rows(tmp_path):
    recording = read(saved(tmp_path, "log.csv", "epoch,loss\n0,3\n1,2\n0,2.5\n1,1.5\n"))
    assert series(recording, "loss") == [(0, 3), (1, 2), (2, 2.5), (3, 1.5)]


def test_a_log_that_has_only_begun(tmp_path):
    assert read(saved(tmp_path, "log.csv", "epoch,loss\n")).signals == {}


@pytest.mark.parametrize(
    ("name", "signal"),
    [
        ("loss", "loss"),
        ("train/loss", "loss"),
        ("Train_Loss_Epoch", "loss"),
        ("val_loss", "validation/loss"),
        ("eval_r2", "validation/metric"),
        ("lr", "rate"),
        ("lr-SGD/pg1", "rate"),
        ("grad_norm", "gradient_norm"),
        ("box_loss", None),
        ("epoch", None),
        ("eval_runtime", None),
    ],
)
def test_names_of_columns(name, signal):
    assert signal_name(name) == signal


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty file"),
        ("a,b\n1,2\n", "header 'a,b'"),
        ('{"history": []}', "log_history"),
        ('{"log_history": [1]}', "log_history"),
        ('{"signal": "loss"', ":1: expected a JSON object"),
        ("\x00\x01\x02", "expected columns"),
        ('{"signal": "loss"}\n{"signal": "loss"}', "another make"),
        ("[1]", "expected columns"),
    ],
)
def test_what_is_no_log(tmp_path, text, message):
    file = saved(tmp_path, "log", text + ("\n" if "signal" in text else ""))
    with pytest.raises(ValueError, match=message) as raised:
        read(file)
    assert str(file) in str(raised.value)
