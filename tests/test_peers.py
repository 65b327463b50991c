"""The peers that benchmarks/faults compares with are asked rightly: each of them flags a run that plainly fails."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from losskit.recording.file import Recorder, read
from losskit.recording.recording import Recording

FAULTS = Path(__file__).parent.parent / "benchmarks" / "faults"
PACKAGES = {
    "losslint": "losslint",
    "trainpulse": "trainpulse",
    "sk-autod": "sk_autod",
    "training-doctor": "training_doctor",
}


@pytest.fixture
def diverging(tmp_path: Path) -> Recording:
    """A loss that grows from 1 to 1e5 with its gradient, in twenty epochs of ten steps."""
    recorder = Recorder(tmp_path / "run.jsonl")
    for step in range(200):
        value = 10 ** (step / 40)
        recorder.measure("loss", step, value)
        recorder.measure("gradient_norm", step, 10 * value)
        if step % 10 == 9:
            recorder.measure("validation/loss", step, 2 * value)
    recorder.measure("rate", 0, 0.1)
    recorder.close()
    return read(tmp_path / "run.jsonl")


@pytest.mark.peer
@pytest.mark.filterwarnings("ignore")  # of the peers' own code
@pytest.mark.parametrize("peer", PACKAGES)
def test_a_peer_flags_a_run_that_diverges(
    peer: str, diverging: Recording, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip(PACKAGES[peer], reason="needs the extra 'peers'")
    monkeypatch.syspath_prepend(str(FAULTS))
    for name in ("run", "peers"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import peers

    assert peers.READERS[peer](diverging)
