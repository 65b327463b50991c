"""A sample of the pairs that a script trains on and of those it evaluates: input rows with their targets.

Rows are flattened, and of wide ones evenly spaced entries are kept: enough to tell two rows apart and which are near.
A row is named by the 64-bit hash of what was kept of it.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from losskit.doctor.probe.sample_facts import described
from losskit.recording.facts import DataFacts

KEPT = 1024  # training pairs
FEATURES = 512  # of a row
OUTPUTS = 16  # of a target
EVALUATED = 4096  # evaluation rows that are named; of the first PAIRED the pairs are kept
PAIRED = 512
GROWTH = 1.5  # what was told is told anew when so many times as many rows are known


@dataclass
class Evaluated:
    """The evaluation rows of one source."""

    names: list[int] = field(default_factory=list)
    inputs: list[np.ndarray] = field(default_factory=list)
    targets: list[np.ndarray] = field(default_factory=list)


class Samples:
    """Collects pairs batch by batch; `facts` says what they show, computed anew only when the sample has grown."""

    def __init__(self) -> None:
        self._inputs: list[np.ndarray] = []
        self._targets: list[np.ndarray] = []
        self._kept = 0
        self._pairs: set[tuple[int, int]] = set()  # of batches before
        self._names: set[int] = set()
        self._last: frozenset[int] = frozenset()  # the rows of the batch before
        self._batches = self._repeated = 0
        self._several = False  # inputs per row
        self._evaluated: dict[Hashable, Evaluated] = {}
        self._told: tuple[DataFacts | None, Hashable, float] = (None, None, 0.0)

    @property
    def full(self) -> bool:
        return self._kept >= KEPT

    def wanted(self, source: Hashable) -> bool:
        """Whether more evaluation rows of this source are."""
        return source not in self._evaluated or len(self._evaluated[source].names) < EVALUATED

    def trained(self, inputs: np.ndarray, targets: np.ndarray, several: bool = False) -> None:
        """A batch that is trained on, of rows; `several` where these are not all that the model is given for it.

        A pair of an earlier batch is not a new one: it is seen again.
        """
        self._several |= several
        if self.full or len(inputs) != len(targets) or not len(inputs) or inputs.shape[1:] != self._shape(inputs):
            return
        step = math.ceil(len(inputs) / (KEPT - self._kept))
        inputs, targets = inputs[::step], outputs(targets[::step])
        if self._targets and targets.shape[1:] != self._targets[0].shape[1:]:
            return
        names = named(inputs)
        batch = frozenset(names)
        self._batches += 1
        self._repeated += batch == self._last
        self._last = batch
        pairs = list(zip(names, named(targets), strict=True))
        new = [index for index, pair in enumerate(pairs) if pair not in self._pairs]
        self._inputs.append(inputs[new])
        self._targets.append(targets[new])
        self._kept += len(new)
        self._pairs.update(pairs)
        self._names |= batch

    def evaluated(self, source: Hashable, inputs: np.ndarray, targets: np.ndarray) -> None:
        """A batch of an evaluation pass over the data of that name."""
        known = self._evaluated.setdefault(source, Evaluated())
        if len(inputs) != len(targets) or len(known.names) >= EVALUATED:
            return
        known.names += named(inputs)
        room = PAIRED - sum(len(one) for one in known.inputs)
        targets = outputs(targets)
        if room > 0 and all(one.shape[1:] == targets.shape[1:] for one in known.targets):
            known.inputs.append(inputs[:room])
            known.targets.append(targets[:room])

    def facts(self, held_out: Hashable) -> DataFacts | None:
        """What the sample shows, beside the evaluation rows of the source that is held out."""
        evaluated = self._evaluated.get(held_out, Evaluated())
        known = self._kept + len(evaluated.names)
        told, source, size = self._told
        if self._kept and (source != held_out or known >= GROWTH * size or (self.full and size < known)):
            told = described(
                _joined(self._inputs),
                _joined(self._targets),
                batches=self._batches,
                repeated_batches=self._repeated,
                names=self._names,
                evaluation_names=evaluated.names,
                evaluation=(_joined(evaluated.inputs), _joined(evaluated.targets)),
            )
            self._told = told, held_out, known
        return told if told is None else replace(told, several_inputs=self._several)

    def _shape(self, inputs: np.ndarray) -> tuple[int, ...]:
        return (self._inputs[0] if self._inputs else inputs).shape[1:]


def rows(array: np.ndarray) -> np.ndarray:
    """One row of numbers per sample: flattened, and of a wide one FEATURES evenly spaced entries at most.

    An odd distance does not fall into step with the rows of an image.
    """
    flat = array.reshape(len(array), -1)
    if flat.shape[1] > FEATURES:
        flat = flat[:, :: math.ceil(flat.shape[1] / FEATURES) | 1]
    return np.ascontiguousarray(flat, dtype=np.float32)


def outputs(targets: np.ndarray) -> np.ndarray:
    """One row per target: classes as their number, also of one-hot rows."""
    flat = targets.reshape(len(targets), -1).astype(np.float64)
    if flat.shape[1] > 1 and bool(((flat == 0) | (flat == 1)).all()) and bool((flat.sum(axis=1) == 1).all()):
        return flat.argmax(axis=1).astype(np.float64)[:, None]
    return flat[:, :: math.ceil(flat.shape[1] / OUTPUTS)]


def named(array: np.ndarray) -> list[int]:
    """The 64-bit hash of each row; 0.0 and −0.0 are one number."""
    return [hash(row.tobytes()) for row in array + 0.0]


def _joined(parts: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate(parts) if parts else np.zeros((0, 0))


__all__ = ["Samples", "rows"]
