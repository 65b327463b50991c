"""The batches that loaders of a PyTorch script yield."""

from __future__ import annotations

from functools import wraps
from typing import Any

from torch.utils.data.dataloader import _BaseDataLoaderIter

from losskit.doctor.probe.replaced import Replaced
from losskit.doctor.probe.session import Session
from losskit.doctor.probe.torch_asleep import Asleep
from losskit.doctor.probe.torch_data import Data
from losskit.doctor.probe.torch_provenance import Provenance


def watch_loaders(session: Session, replaced: Replaced, data: Data, provenance: Provenance, asleep: Asleep) -> None:
    """Tell `data` which data set each batch is of, and when a loader has come to its end."""
    following = _BaseDataLoaderIter.__next__

    @wraps(following)
    def next_batch(self: Any) -> Any:
        if session.closed_to("torch"):
            return following(self)
        try:
            if provenance.on:
                with provenance.paused():
                    batch = following(self)
            else:
                batch = following(self)
        except StopIteration:
            with session.budget:
                data.exhausted(self._dataset)
            raise
        if asleep.left:
            asleep.log.append([self._dataset])
        else:
            with session.budget:
                data.yielded(self._dataset)
        return batch

    replaced.put(_BaseDataLoaderIter, "__next__", next_batch)


__all__ = ["watch_loaders"]
