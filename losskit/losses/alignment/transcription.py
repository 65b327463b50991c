"""Transcripts of frames whose alignment is not known: CTC and the transducer."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Literal

from losskit.core.checks import values_are_checked
from losskit.core.domain import Domain, LogSimplex, Rows
from losskit.core.errors import DomainError, ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import one_of
from losskit.core.kinds import StructuredLoss
from losskit.core.loss import fits, shape_fix
from losskit.losses.alignment.lengths import (
    Lengths,
    at,
    check_ends,
    check_integers,
    check_lengths,
    last_first,
    slanted,
    whole_samples,
    within,
)

__all__ = ["ConnectionistTemporalClassification", "Transducer"]

Array = Any
FACTS = Facts(
    convex=False,
    smooth=lambda loss: 2 if loss.input == "logits" else None,
    gradient_bound=lambda loss: math.sqrt(2) if loss.input == "logits" else None,
    non_negative=lambda loss: True if loss.input == "logits" else None,  # rounded log-probabilities may sum to more
)


@dataclass(frozen=True)
class Transcript(Domain):
    """Class indices 0 … C − 1 but `blank`, and behind them negative numbers as padding."""

    safe: float = -1.0
    integer: bool = True
    blank: int = 0

    def describe(self) -> str:
        return f"class indices 0..C-1 but the blank {self.blank}, and negative ones behind them as padding"

    def fix(self) -> str:
        return "give target_lengths, or pad with -1"

    def bad(self, xp: Any, array: Array, width: int | None) -> Array | None:
        behind_padding = xp.cumsum(xp.cast(array < 0, "int32"), axis=-1) > 0
        bad = (array == self.blank) | ((array >= 0) & behind_padding)
        return bad if width is None else bad | (array >= width)


@dataclass(frozen=True, kw_only=True)
class TranscriptionLoss(StructuredLoss):
    """The base: minus the log-probability of a transcript, summed over its alignments with the frames."""

    input: Literal["logits", "log_probabilities"] = "logits"
    blank: int = 0

    input_lengths, target_lengths = Lengths(least=1), Lengths()
    tasks = ("sequence",)

    @property
    def prediction(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return Rows() if self.input == "logits" else LogSimplex()

    @property
    def target(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return Transcript(blank=self.blank)

    def __post_init__(self) -> None:
        one_of(("logits", "log_probabilities"), input=self.input)
        if self.blank < 0:
            raise ValueError(f"blank: expected a class index >= 0, got {self.blank}")

    def axes_of_prediction(self, labels: int | str) -> tuple[str, ...]:
        """What the axes of the prediction are, in words."""
        raise NotImplementedError

    def counts(self, xp: Any, target: Array, target_lengths: Array | None) -> tuple[Array, Array]:
        """Which entries of the target are labels, and how many of each row are."""
        real = target >= 0
        if target_lengths is not None:
            real = real & within(xp, xp.shape(target)[1], target_lengths)
        return real, xp.sum(xp.cast(real, "int32"), axis=-1)

    def log_probabilities(self, xp: Any, prediction: Array, input_lengths: Array | None) -> Array:
        """log p of every class, of something harmless behind the last frame: what padding holds must not matter."""
        if input_lengths is not None:
            inside = within(xp, xp.shape(prediction)[1], input_lengths)
            while len(xp.shape(inside)) < len(xp.shape(prediction)):
                inside = xp.expand_dims(inside, -1)
            prediction = xp.where(inside, prediction, self.prediction.filler(xp, prediction))
        return xp.log_softmax(prediction) if self.input == "logits" else prediction

    def surprise(self, xp: Any, log_total: Array) -> Array:
        """−log of a sum of probabilities: +∞ with gradient 0 where there are none, not below 0 by rounding."""
        impossible = log_total == -math.inf
        value = -xp.where(impossible, 0.0, log_total)
        if self.input == "logits":  # log-probabilities may be rounded to more than 1
            value = xp.where(value < 0, value - xp.stop_gradient(value), value)
        return xp.where(impossible, math.inf, value)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        first, target = xp.shape(bound["prediction"]), xp.shape(bound["target"])
        if len(target) != 2 or not fits(target[:1], first[:1]):
            raise ShapeError(
                f"target: expected class indices of shape (N, S), padded with -1, to go with prediction of shape "
                f"{first}, got {target}" + shape_fix("target", target, "prediction", target[:2])
            )
        axes = self.axes_of_prediction(target[1])
        if not fits(first, tuple(int(axis) if axis.isdigit() else None for axis in axes)):
            raise ShapeError(
                f"prediction: expected ({', '.join(axes)}) to go with target of shape {target}, got {first}"
            )
        check_integers(xp, "target", bound["target"])
        check_lengths(xp, bound, ("input_lengths", "target_lengths"))
        if self.blank >= first[-1]:
            raise ShapeError(f"blank: expected one of the {first[-1]} classes of prediction, got {self.blank}")

    def check_values(self, xp: Any, bound: dict[str, Array]) -> None:
        most = {"input_lengths": xp.shape(bound["prediction"])[1], "target_lengths": xp.shape(bound["target"])[1]}
        check_ends(xp, "input_lengths", bound, Lengths(least=1, most=most["input_lengths"]))
        check_ends(xp, "target_lengths", bound, Lengths(most=most["target_lengths"]))
        # What lies behind the ends is not looked at.
        given = dict(bound)
        if "input_lengths" in bound:
            inside = within(xp, most["input_lengths"], bound["input_lengths"])
            given["prediction"] = self._replaced(xp, "prediction", bound["prediction"], inside)
        if "target_lengths" in bound:
            inside = within(xp, most["target_lengths"], bound["target_lengths"])
            given["target"] = self._replaced(xp, "target", bound["target"], inside)
        super().check_values(xp, given)

    def _keep(self, xp: Any, bound: dict[str, Array], mask: Array | None) -> Array | None:
        return None if mask is None else whole_samples(xp, bound["target"], mask)


@dataclass(frozen=True, kw_only=True)
class ConnectionistTemporalClassification(TranscriptionLoss):
    """CTC: ℓ = −log Σ Πₜ pₜ(πₜ), over the paths π that are the transcript once repeats are merged and blanks dropped.

    For labels without their places in a longer input: speech, handwriting. Frames are taken to be independent.
    Shapes: prediction (N, T, C), T frames; target (N, S) class indices, padded with negative numbers; input_lengths and
    target_lengths (N,) integers, without which all frames and all labels that are not negative count; a mask (N,);
    values (N,). What lies behind the ends matters neither to value nor gradient. Unit: nats. Range: [0, ∞).
    blank: the class that is no label. input: "logits" or "log_probabilities" (the gradient is by these).
    A transcript needs a frame for each label and one more between equal ones. Where there are fewer it has no path:
    DomainError, or, where values are not checked, +∞ with gradient 0; skip_infeasible=True leaves such samples out.
    Time grows with T·S for each sample; T steps in a row, each of which is vectorised over N and S.
    Source: Graves et al. 2006, doi:10.1145/1143844.1143891. As torch.nn.CTCLoss, which has time first, divides each
    value by its target's length before the mean, and of log_probs that are no log_softmax has no right gradient (its
    zero_infinity counts infeasible samples as 0); keras.losses.CTC, optax.ctc_loss (which has 1e5 for infeasible ones).
    """

    skip_infeasible: bool = False

    example_shapes = ((1, 4, 3), (1, 2))
    aliases = ("CTC",)
    facts = FACTS

    def axes_of_prediction(self, labels: int | str) -> tuple[str, ...]:
        return ("N", "T", "C")

    def formula(
        self,
        xp: Any,
        prediction: Array,
        target: Array,
        input_lengths: Array | None = None,
        target_lengths: Array | None = None,
    ) -> Array:
        log_p = self.log_probabilities(xp, prediction, input_lengths)
        real, count = self.counts(xp, target, target_lengths)
        label, frames = xp.where(real, target, xp.zeros_like(target)), xp.shape(log_p)[1]
        every_frame = xp.zeros_like(xp.cast(xp.reshape(xp.arange(frames, like=label), (1, frames, 1)), label))
        of_label = xp.take_along_axis(log_p, xp.expand_dims(label, 1) + every_frame, axis=-1)
        of_blank = log_p[..., self.blank : self.blank + 1]
        # Two kinds of states: in the s-th label, and in the blank behind it (before the first for s = 0). Before the
        # first frame all probability is in that one.
        none = xp.full_like(of_label[:, 0], -math.inf)
        first = xp.zeros_like(of_blank[:, 0])
        nowhere, in_label, in_blank = first - math.inf, none, xp.concatenate([first, none], axis=-1)
        # Between equal labels the blank cannot be left out.
        repeated = xp.concatenate([xp.zeros_like(label[:, :1]) > 0, label[:, 1:] == label[:, :-1]], axis=-1)

        def step(state: tuple[Array, ...], frame: tuple[Array, ...]) -> tuple[Array, ...]:
            (in_label, in_blank), (of_label, of_blank, inside) = state, frame
            before = xp.concatenate([nowhere, in_label], axis=-1)
            entered = xp.logaddexp(in_blank[:, :-1], xp.where(repeated, -math.inf, before[:, :-1]))
            new_label = xp.logaddexp(in_label, entered) + of_label
            new_blank = xp.logaddexp(in_blank, before) + of_blank
            return xp.where(inside, new_label, in_label), xp.where(inside, new_blank, in_blank)

        ends = xp.zeros_like(count) + frames if input_lengths is None else xp.cast(input_lengths, count)
        inside = xp.reshape(ends, (1, -1, 1)) > xp.reshape(xp.arange(frames, like=count), (-1, 1, 1))
        sequences = (*(xp.swapaxes(each, 0, 1) for each in (of_label, of_blank)), inside)
        in_label, in_blank = xp.fold(step, (in_label, in_blank), sequences)
        last = xp.concatenate([nowhere, in_label], axis=-1)
        return self.surprise(xp, xp.logaddexp(at(xp, in_blank, count), at(xp, last, count)))

    def room(self, xp: Any, bound: dict[str, Array]) -> Array:
        """How many more frames there are than a transcript needs; below 0 it has no path."""
        target = bound["target"]
        real, count = self.counts(xp, target, bound.get("target_lengths"))
        repeated = real[:, 1:] & (target[:, 1:] == target[:, :-1])
        needed = count + xp.sum(xp.cast(repeated, "int32"), axis=-1)
        if "input_lengths" in bound:
            return xp.cast(bound["input_lengths"], needed) - needed
        return xp.shape(bound["prediction"])[1] - needed

    def check_values(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_values(xp, bound)
        if values_are_checked(xp, bound["target"]):
            room = xp.to_numpy(self.room(xp, bound))
            if (room < 0).any():
                i = int(room.argmin())
                raise DomainError(
                    f"target[{i}]: expected a transcript that its frames have room for, one for each label and one "
                    f"between equal ones, got one with {-room[i]} too few; fix: skip_infeasible=True leaves it out"
                )

    def _keep(self, xp: Any, bound: dict[str, Array], mask: Array | None) -> Array | None:
        keep = super()._keep(xp, bound, mask)
        if not self.skip_infeasible:
            return keep
        feasible = self.room(xp, bound) >= 0
        return feasible if keep is None else keep & feasible


@dataclass(frozen=True, kw_only=True)
class Transducer(TranscriptionLoss):
    """RNN-T: ℓ = −log Σ Π p(step), over the paths through T frames that emit the transcript, a blank ending each frame.

    For streaming speech recognition: unlike CTC a label may depend on those before it, and a frame have several.
    Shapes: prediction (N, T, S + 1, C), of the joint network: at frame t, with s labels emitted, the scores of the next
    one or of the blank; target (N, S) class indices, padded with negative numbers; input_lengths and target_lengths
    (N,) integers, without which all frames and all labels that are not negative count; a mask (N,); values (N,). What
    lies behind the ends matters neither to value nor gradient. Unit: nats. Range: [0, ∞).
    blank: the class that is no label. input: "logits" or "log_probabilities".
    Time and memory grow with T·(S·C + T); T + S steps in a row, along the anti-diagonals, each vectorised over N and T.
    Source: Graves 2012, arXiv:1211.3711. As torchaudio.functional.rnnt_loss, whose blank by default is the last class.
    """

    example_shapes = ((1, 3, 3, 3), (1, 2))
    aliases = ("RNNT", "RNNTransducer")
    facts = replace(FACTS, cost="n^2")

    def axes_of_prediction(self, labels: int | str) -> tuple[str, ...]:
        return ("N", "T", str(labels + 1) if isinstance(labels, int) else "S + 1", "C")

    def formula(
        self,
        xp: Any,
        prediction: Array,
        target: Array,
        input_lengths: Array | None = None,
        target_lengths: Array | None = None,
    ) -> Array:
        real, count = self.counts(xp, target, target_lengths)
        # Behind the last label too, padding must not matter.
        reached = xp.concatenate([xp.ones_like(target[:, :1]) > 0, real], axis=-1)
        reached = xp.expand_dims(xp.expand_dims(reached, 1), -1)
        prediction = xp.where(reached, prediction, self.prediction.filler(xp, prediction))
        log_p = self.log_probabilities(xp, prediction, input_lengths)
        label, frames = xp.where(real, target, xp.zeros_like(target)), xp.shape(log_p)[1]
        every_frame = xp.zeros_like(xp.cast(xp.reshape(xp.arange(frames, like=label), (1, frames, 1)), label))
        label = xp.expand_dims(xp.expand_dims(label, 1) + every_frame, -1)
        of_blank, of_label = log_p[..., self.blank], xp.take_along_axis(log_p[:, :, :-1], label, axis=-1)[..., 0]
        of_label = xp.concatenate([of_label, xp.full_like(of_blank[..., :1], -math.inf)], axis=-1)
        of_blank, of_label = slanted(xp, of_blank, -math.inf), slanted(xp, of_label, -math.inf)
        # `here` holds log p of having emitted d − t labels when in frame t.
        none = xp.full_like(of_blank[:, :, 0], -math.inf)
        here = xp.concatenate([xp.zeros_like(none[:, :1]), none[:, 1:]], axis=-1)
        last = xp.zeros_like(count) + (frames - 1) if input_lengths is None else xp.cast(input_lengths, count) - 1

        def step(state: tuple[Array, ...], diagonal: tuple[Array, ...]) -> tuple[Array, ...]:
            (here, total), (of_blank, of_label, d) = state, diagonal
            ended, emitted = here + of_blank, here + of_label
            total = xp.where(last + count == d, at(xp, ended, last), total)
            return xp.logaddexp(xp.concatenate([none[:, :1], ended[:, :-1]], axis=-1), emitted), total

        diagonals = (last_first(xp, each) for each in (of_blank, of_label))
        steps = xp.arange(xp.shape(of_blank)[2], like=count)
        _, total = xp.fold(step, (here, none[:, 0]), (*diagonals, steps))
        return self.surprise(xp, total)
