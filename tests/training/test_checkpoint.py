"""Checkpoints written while training goes on: nothing is lost, whatever ends the run."""

from __future__ import annotations

import threading

import pytest

import losskit

torch = pytest.importorskip("torch")

from losskit.training import Run, checkpoint  # noqa: E402


def line():
    torch.manual_seed(0)
    x = torch.linspace(-1, 1, 64)[:, None]
    return (x, 3 * x[:, 0]), torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.Flatten(0))


def test_training_goes_on_while_a_file_is_written_and_its_end_waits(tmp_path, monkeypatch) -> None:
    path, may_write, steps = tmp_path / "model.pt", threading.Event(), []
    save = checkpoint.save

    def slow(state, path) -> None:
        assert may_write.wait(60)
        save(state, path)

    monkeypatch.setattr(checkpoint, "save", slow)
    data, network = line()

    def went_on(*_: object) -> None:
        steps.append(path.exists())
        if len(steps) == 5:  # in the third epoch
            may_write.set()

    network.register_forward_hook(went_on)
    Run(network, losskit.MSE(), data).fit(3, save=path, progress=False)
    assert len(steps) == 6
    assert not any(steps[:5])
    assert checkpoint.load(path)["epoch"] == 3
    assert [p.name for p in tmp_path.iterdir()] == ["model.pt"]


def test_a_file_holds_what_the_state_was_when_it_was_saved(tmp_path, monkeypatch) -> None:
    may_write, save = threading.Event(), checkpoint.save
    monkeypatch.setattr(checkpoint, "save", lambda state, path: (may_write.wait(60), save(state, path)))
    weight = torch.zeros(3)
    with checkpoint.Writer(tmp_path / "model.pt") as writer:
        writer.save({"model": {"weight": weight}, "steps": [weight]})
        weight += 1
        may_write.set()
    held = checkpoint.load(tmp_path / "model.pt")
    assert held["model"]["weight"].tolist() == held["steps"][0].tolist() == [0, 0, 0]


def test_the_newest_takes_the_place_of_one_that_waits(tmp_path, monkeypatch) -> None:
    written, began, may_write = [], threading.Event(), threading.Event()

    def slow(state, path) -> None:
        began.set()
        assert may_write.wait(60)
        written.append(int(state["weight"][0]))

    monkeypatch.setattr(checkpoint, "save", slow)
    with checkpoint.Writer(tmp_path / "model.pt") as writer:
        for number in range(4):
            writer.save({"weight": torch.full((2,), number)})
            assert began.wait(60)
        may_write.set()
    assert written == [0, 3]


def test_the_memory_of_a_written_copy_is_used_again_where_it_fits(tmp_path) -> None:
    for states in ([(2,), (2,), (2,)], [(2,), (3,), (2,)]):
        with checkpoint.Writer(tmp_path / "model.pt") as writer:
            for number, shape in enumerate(states):
                (tmp_path / "model.pt").unlink(missing_ok=True)
                writer.save({"weight": torch.full(shape, number)})
        assert checkpoint.load(tmp_path / "model.pt")["weight"].tolist() == [2, 2]
    old = {"weight": torch.zeros(2), "steps": [torch.zeros(1)]}
    new = {"weight": torch.ones(2), "steps": [torch.ones(1), torch.ones(1)]}
    copied = checkpoint._copied(new, old)
    assert copied["weight"] is old["weight"]
    assert copied["weight"].tolist() == [1, 1]
    assert len(copied["steps"]) == 2
    assert copied["steps"][0] is not new["steps"][0]


def test_a_full_disk_is_an_error_at_the_next_step_and_keeps_the_file_before(tmp_path, monkeypatch) -> None:
    path, failed, seen = tmp_path / "model.pt", threading.Event(), []
    data, network = line()
    run = Run(network, losskit.MSE(), data)
    run.fit(1, save=path, progress=False)
    stepping, write = threading.Event(), checkpoint.Writer._write

    def full_disk(*_: object) -> None:
        assert stepping.wait(60)
        raise OSError("no space left on device")

    def told(self) -> None:
        write(self)
        failed.set()

    def in_the_first_step_after_it(*_: object) -> None:
        seen.append(run.epoch)
        if run.epoch == 3:
            stepping.set()
            assert failed.wait(60)

    monkeypatch.setattr(torch, "save", full_disk)
    monkeypatch.setattr(checkpoint.Writer, "_write", told)
    network.register_forward_hook(in_the_first_step_after_it)
    with pytest.raises(OSError, match="no space"):
        run.fit(9, save=path, progress=False)
    assert seen == [2, 2, 3]
    assert checkpoint.load(path)["epoch"] == 1
    assert [p.name for p in tmp_path.iterdir()] == ["model.pt"]
    assert len(run.recording.signal("loss")) == run.step == 5
    assert (run.recording.end.exit, run.recording.end.reason) == (1, "exception")


def test_an_error_of_the_last_file_is_raised_at_the_end(tmp_path, monkeypatch) -> None:
    def full_disk(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(torch, "save", full_disk)
    data, network = line()
    with pytest.raises(OSError, match="no space"):
        Run(network, losskit.MSE(), data).fit(1, save=tmp_path / "model.pt", progress=False)
    assert not list(tmp_path.iterdir())


def test_ctrl_c_loses_nothing(tmp_path) -> None:
    path = tmp_path / "model.pt"
    data, network = line()
    run = Run(network, losskit.MSE(), data, data)

    def interrupt(*_: object) -> None:
        if run.epoch == 3 and run.step == 5:
            raise KeyboardInterrupt

    handle = network.register_forward_hook(interrupt)
    with pytest.raises(KeyboardInterrupt):
        run.fit(9, save=path, progress=False)
    handle.remove()
    assert checkpoint.load(path)["epoch"] == 2
    assert len(run.recording.signal("loss")) == len(run.recording.signal("rate")) == 5
    assert (run.recording.end.exit, run.recording.end.reason) == (130, "interrupted")
    assert run.recording.progress.steps == 5

    again = Run(line()[1], losskit.MSE(), data, data)
    again.fit(4, save=path, resume=True, progress=False)
    whole = Run(line()[1], losskit.MSE(), data, data)
    whole.fit(4, progress=False)
    for one, other in zip(again.model.parameters(), whole.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_an_interrupted_run_still_says_that_its_last_file_failed(tmp_path, monkeypatch) -> None:
    def full_disk(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(torch, "save", full_disk)
    writer = checkpoint.Writer(tmp_path / "model.pt")

    def interrupted() -> None:
        with writer:
            writer.save({"weight": torch.zeros(2)})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        interrupted()
    assert "no space" in caught.value.__notes__[0]


def test_the_command_writes_what_it_has_when_it_is_interrupted(tmp_path, monkeypatch, capsys) -> None:
    pytest.importorskip("sklearn")
    from losskit.cli import main
    from losskit.recording.file import read

    validate = Run._validate

    def interrupted(self):
        if self.epoch == 2:
            raise KeyboardInterrupt
        return validate(self)

    monkeypatch.setattr(Run, "_validate", interrupted)
    assert main(["fit", "diabetes", "--out", str(tmp_path / "out"), "--epochs", "9"]) == 130
    assert "ended after 2 epochs: interrupted" in capsys.readouterr().out
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"report.html", "recording.jsonl", "loss_curve.csv", "model.pt"}
    recording = read(tmp_path / "out" / "recording.jsonl")
    assert (recording.end.exit, len(recording.signal("loss"))) == (130, recording.progress.steps)
