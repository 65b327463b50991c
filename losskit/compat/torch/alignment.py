"""PyTorch's loss of a transcript whose alignment with the frames is not known."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from losskit.arrays.torch import xp
from losskit.compat.torch.conventions import reduced, reduction_of, wide
from losskit.core.checks import values_are_checked
from losskit.losses import ConnectionistTemporalClassification

__all__ = ["ctc_loss"]

Lengths = Tensor | Sequence[int]


def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Lengths,
    target_lengths: Lengths,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
    *,
    fixed: bool = False,
) -> Tensor:
    """As torch.nn.functional.ctc_loss: −log Σ Πₜ pₜ(πₜ) over the paths π that are the transcript.

    Shapes: log_probs (T, N, C), targets (N, S) padded with anything, or all of them one after the other, lengths (N),
    tensors or lists of integers; unbatched log_probs (T, C), targets (S), lengths () or (1). A mean divides each value
    by its target's length (at least 1) first. Where a transcript has no path the value is inf, 0 with
    zero_infinity; its gradient is 0 in both cases, where PyTorch has NaN in the first. The gradient by log_probs is
    PyTorch's, exp(log_probs) too much: right behind log_softmax, which takes that off again, and nowhere else.
    Raises PyTorch's RuntimeErrors, and IndexError for a label out of range, where PyTorch reads what lies beside.
    fixed=True: losskit.ConnectionistTemporalClassification(input="log_probabilities"): the gradient by log_probs
    themselves; a plain mean; DomainError for a transcript with no path, which zero_infinity leaves out of the mean, for
    a label that is the blank, and for log_probs that are no logarithms of probabilities.
    """
    reduction = reduction_of(reduction)
    batched = log_probs.ndim == 3
    if not batched:
        if log_probs.ndim != 2:
            raise RuntimeError(f"ctc_loss: expected log_probs (T, N, C) or (T, C), got {list(log_probs.shape)}")
        log_probs = log_probs[:, None]
    frames, samples, classes = log_probs.shape
    if not frames * samples * classes:
        raise RuntimeError(f"log_probs tensor must not be empty, got {list(log_probs.shape)}")
    if not 0 <= blank < classes:
        raise RuntimeError(f"blank must be in label range: expected 0..{classes - 1}, got {blank}")
    inputs = _lengths("input_lengths", input_lengths, samples, targets.device, frames)
    counts = _lengths("target_lengths", target_lengths, samples, targets.device)
    labels = _padded(targets.long(), counts)
    prediction = log_probs.movedim(0, 1)
    if fixed:
        loss = ConnectionistTemporalClassification(
            input="log_probabilities", blank=blank, skip_infeasible=zero_infinity
        )
        values = loss(prediction, labels, inputs, counts, reduction=reduction)
        return values if batched or reduction != "none" else values[0]
    _check_labels(labels, counts, classes)
    log_p = wide(prediction)
    loss = ConnectionistTemporalClassification(input="log_probabilities", blank=blank)
    values = loss.formula(xp, log_p, labels, inputs, counts)
    # Of value 0 and gradient exp(log_probs) at every frame that counts: the gradient that PyTorch says is its own.
    inside = torch.arange(frames, device=inputs.device) < inputs[:, None]
    mass = torch.where(inside[..., None], log_p, -torch.inf).exp().sum((1, 2))
    impossible = torch.isinf(values)
    values = values + torch.where(impossible, 0.0, mass - mass.detach())
    if zero_infinity:
        values = torch.where(impossible, 0.0, values)
    if reduction == "mean":
        values = values / counts.clamp(min=1)
    return reduced(values if batched else values[0], reduction, log_probs.dtype)


def _lengths(name: str, given: Lengths, samples: int, device: torch.device, most: int | None = None) -> Tensor:
    lengths = torch.as_tensor(given, device=device)
    if lengths.is_floating_point() or lengths.dtype == torch.bool:
        raise RuntimeError(f"{name} must be integral, got {lengths.dtype}")
    lengths = torch.atleast_1d(lengths).long()
    if lengths.shape != (samples,):
        raise RuntimeError(f"{name} must be of size batch_size: expected {[samples]}, got {list(lengths.shape)}")
    if values_are_checked(xp, lengths):
        if bool((lengths < 0).any()):
            raise RuntimeError(f"Expected {name} to have value at least 0, but got value {int(lengths.min())}")
        if most is not None and bool((lengths > most).any()):
            raise RuntimeError(f"Expected {name} to have value at most {most}, but got value {int(lengths.max())}")
    return lengths


def _padded(targets: Tensor, counts: Tensor) -> Tensor:
    """Transcripts as rows (N, S), −1 behind their ends where they were given one after the other."""
    if targets.ndim == 2:
        if targets.shape[0] != counts.shape[0]:
            raise RuntimeError(f"targets: expected {counts.shape[0]} rows, one a sample, got {list(targets.shape)}")
        if values_are_checked(xp, counts) and bool((counts > targets.shape[1]).any()):
            raise RuntimeError(
                f"Expected targets to have size at least {int(counts.max())} at dimension 1, the longest of "
                f"target_lengths, but got size {list(targets.shape)}"
            )
        return targets
    if targets.ndim != 1 or targets.shape[0] != int(counts.sum()):
        raise RuntimeError(
            f"targets: expected (N, S), or ({int(counts.sum())},), the sum of target_lengths, got {list(targets.shape)}"
        )
    return torch.nn.utils.rnn.pad_sequence(list(targets.split(counts.tolist())), batch_first=True, padding_value=-1)


def _check_labels(labels: Tensor, counts: Tensor, classes: int) -> None:
    if values_are_checked(xp, labels):
        counted = torch.arange(labels.shape[1], device=labels.device) < counts[:, None]
        bad = counted & ((labels < 0) | (labels >= classes))
        if bool(bad.any()):
            raise IndexError(f"Target {int(labels[bad][0])} is out of bounds: expected a label 0..{classes - 1}.")
