"""The vocabulary of a Recording: what can be said about one training run, as plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Place:
    """A line of the user's source: where a person would look, or make a change."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class TensorFacts:
    """What was seen of one tensor, over the batches looked at. Units are those of the tensor.

    `minimum`, `maximum`, `mean`, `std` are over the finite entries (None when there is none);
    `feature_*` describe the columns of the last axis of a 2-D tensor (None otherwise);
    `row_sum_*` are the extremes of the sums over the class axis; `distinct` counts the values of an
    integral tensor with at most 64 different ones (keys are str(int)).
    """

    shape: tuple[int, ...]
    dtype: str
    batches: int = 1
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    std: float | None = None
    non_finite: int = 0
    integral: bool = False
    row_sum_minimum: float | None = None
    row_sum_maximum: float | None = None
    feature_mean_absolute_maximum: float | None = None
    feature_std_minimum: float | None = None
    feature_std_maximum: float | None = None
    distinct: dict[str, int] | None = None


@dataclass(frozen=True)
class Activation:
    """A function that was applied to a tensor on its way to the loss: softmax, sigmoid, relu, tanh, log, …"""

    name: str
    place: Place | None = None
    axis: int | None = None
    layer: str | None = None  # the module that applied it, when a module did


@dataclass(frozen=True)
class LossCall:
    """One place where a loss is computed.

    `loss` is the name of the catalogue class (CrossEntropy, BinaryCrossEntropy, SquaredError, NegativeLogLikelihood,
    KLDivergence, Hinge, …) or None for one that was not recognised; `written_by` says whose function it is;
    `expects` is what the function takes for `prediction`.
    `place` is the call, `created` the construction of the loss object (nn.CrossEntropyLoss(…), compile(loss=…)).
    `activations` are what the prediction went through last, outermost (nearest to the loss) first.
    """

    loss: str | None
    function: str
    written_by: str  # "torch" | "keras" | "user" | …
    expects: str | None  # "logits" | "probabilities" | "log_probabilities" | "values" | None
    place: Place | None
    created: Place | None = None
    phase: str = "train"  # or "evaluation"
    calls: int = 1
    prediction: TensorFacts | None = None
    target: TensorFacts | None = None
    activations: tuple[Activation, ...] = ()
    arguments: dict[str, Any] = field(default_factory=dict)  # reduction, weight given?, label_smoothing, from_logits …
    broadcast: bool = False  # the function combined two different shapes
    negated: bool = False  # the value that backward ran on is minus this loss
    scale: float | None = None  # of the loss's mean over its entries (classwise: targets) in that value; None: unknown
    backwards_per_step: int = 1  # times that it was differentiated between two optimizer steps
    called: Place | None = None  # of a function that the script wrote: where that is called, beside the model


@dataclass(frozen=True)
class Layer:
    """One leaf layer of the model, in the order of the forward pass (`depth` counts from 0 at the input)."""

    name: str
    kind: str  # the framework's class name: Linear, Conv2d, Dense, ReLU …
    depth: int
    place: Place | None = None
    activation: str | None = None  # its own activation (Keras) or, for an activation layer, its name
    parameters: int = 0
    trainable: int = 0
    output_shape: tuple[int, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    weight_mean: float | None = None  # at the start
    weight_std: float | None = None
    fan_in: int | None = None
    identical_units: bool = False  # at the start, and (where that can be read) still at the end
    initialised: Place | None = None  # the line of the script that gave it its first weights; None: the framework's
    biased: Place | None = None  # the same for its first biases
    random: bool | None = None  # the first weights were drawn in this run, not loaded or copied; None: unknown
    registered: bool = True  # the model knows it; a layer in a plain list is called, but is none of its parts
    reached: bool | None = None  # a gradient of the loss came to its weights in a step that was looked at
    cut: Place | None = None  # an operation between it and the loss past which no gradient goes back
    moved: bool | None = None  # its weights are no longer those of the start
    activated: Place | None = None  # where a bounded or rectifying function is applied to its output
    regularised: Place | None = None  # where the penalty on its weights was made


@dataclass(frozen=True)
class ScheduleFacts:
    """What changes an optimizer's learning rate: its class, settings (step_size, gamma, max_lr …) and place.

    `steps` counts the calls of its `step` that the script made, the first of them at `stepped` (0 and None where the
    framework asks it by itself).
    """

    kind: str
    place: Place | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    steps: int = 0
    stepped: Place | None = None


@dataclass(frozen=True)
class OptimizerFacts:
    """One optimizer: its class, settings (lr, momentum, betas, eps, weight_decay …) and what it holds."""

    kind: str
    place: Place | None
    settings: dict[str, Any] = field(default_factory=dict)
    parameters: int = 0
    missing: tuple[str, ...] = ()  # trainable parameters of the model that no optimizer holds
    steps: int = 0
    scheduler: str | None = None
    fresh_steps: int = 0  # of the first ones, those for which gradients began at zero
    stale_steps: int = 0  # and those for which they were added to what was left of earlier steps
    schedule: ScheduleFacts | None = None
    made: int = 1  # times it was constructed over the same parameters: its state begins anew each time


@dataclass(frozen=True)
class Site:
    """Where something of the training loop stands in the source.

    kind: model | loss | optimizer | data | loader | forward | backward | step | zero_grad | clip | fit | compile | eval
    | frozen (parameters stop being trainable) | cut (no gradient goes back past this line)
    | precision (`detail` says the number type that is set: "float16" of the weights, "autocast float16" of what is
    computed, …) | scaler (of losses in float16) | constant (that float16 cannot hold; `detail` says which)
    | late (what became part of the model after an optimizer was made)
    | first | made | written | divided | floored | discarded | reordered | penalty (on weights, added to the loss)
    | epochs (the loop over them, or where fit is told how many)
    (data: where the variable that holds the training "inputs" or "targets", as `detail` says, got its value; first:
    where the first array on the way there did; made: where it last got values and was not only picked from; written,
    floored: where before that a part of it was overwritten, or it was rounded down; discarded: where a changed copy of
    it is made and not kept; reordered: where an array, which
    `detail` names, is put into an order that no other array is)
    """

    kind: str
    place: Place
    detail: str = ""


@dataclass(frozen=True)
class Setting:
    """Where the value of an argument is written, if that is not in the call: a constant, a default, an option.

    `name` is the argument's keyword ("()" for the class or function that is called, "number" for how often a loop over
    a range runs), `call` the line of the call.
    """

    name: str
    call: Place
    place: Place


@dataclass(frozen=True)
class DataFacts:
    """What a sample of the training pairs shows: at most about 1000 input rows (flattened) with their targets.

    Shares are of the rows, unless another thing is named. A `probability` is that of what was seen or more if labels
    had nothing to do with inputs. The nearest neighbours of a row are compared with it: of classes `agreement` is the
    share of them with the same label, of numbers the correlation of ranks.
    """

    rows: int
    features: int  # of a row, as far as they are looked at
    batches: int = 1  # that the rows are from
    repeated_batches: int = 0  # batches of the same rows as the one before
    classes: int | None = None  # different labels; None for targets that are numbers
    # inputs
    distinct_rows: int = 0
    constant_features: float = 0.0  # share of the features
    feature_std_maximum: float | None = None
    feature_relative_std_maximum: float | None = None  # deviation over |mean|
    non_finite_rows: float = 0.0
    non_finite_targets: float = 0.0
    sentinel: float | None = None  # the repeated value that stands furthest from the others of its feature
    sentinel_rows: float = 0.0  # with that value, in any feature
    sentinel_distance: float = 0.0  # in ranges of the other values
    outlying_rows: float = 0.0  # with an entry that a gap separates from all others of its feature
    outlier_score: float = 0.0  # the largest, in robust standard deviations (median, MAD)
    # targets
    target_quartiles: tuple[float, ...] = ()
    target_minimum: float | None = None
    target_maximum: float | None = None
    target_outliers: float = 0.0  # share beyond ten robust standard deviations
    target_outlier_score: float = 0.0  # of the furthest one
    target_outlier_weight: float = 0.0  # share of the squared deviation from the median that is theirs
    # evaluation rows
    evaluation_rows: int = 0
    seen_in_evaluation: float = 0.0  # share of the distinct training rows that are evaluation rows too
    evaluation_twins: float = 0.0  # share of the evaluation rows that equal another evaluation row
    measured: bool = False  # rows have features of which no two rows share a value: two that are equal are copies
    # inputs and targets
    copy: int | None = None  # the feature from which alone the target follows exactly
    agreement: float | None = None
    agreement_chance: float = 0.0
    agreement_probability: float = 1.0
    dependence_probability: float = 1.0
    compared_rows: int = 0  # of training and of evaluation, for the next two: 0 for chance, 1 for perfect agreement
    compared_agreement: float | None = None  # among training rows
    evaluation_agreement: float | None = None  # among evaluation rows
    several_inputs: bool = False  # the rows are one of several things that the model is given for a target


@dataclass(frozen=True)
class Modes:
    """In which mode the model ran, told for training at the first step and after each evaluation pass.

    `trained_at` is where the model is called to be trained, `evaluated_at` in an evaluation pass that ran in training
    mode; `functional` is a dropout function that went on dropping in evaluation mode.
    """

    layers: tuple[str, ...] = ()  # kinds of those that differ between the modes: dropout, batch normalisation
    trained: int = 0  # times that training was looked at
    trained_in_evaluation: int = 0
    first_in_evaluation: bool = False  # in evaluation mode from the first step
    evaluated: int = 0  # passes
    evaluated_in_training: int = 0
    trained_at: Place | None = None
    evaluated_at: Place | None = None
    functional: Place | None = None
    decided: bool = False  # from what was predicted in a pass, classes were decided: it was an evaluation


@dataclass(frozen=True)
class Restart:
    """The script begins to train another model: what follows is about that training."""


@dataclass(frozen=True)
class Event:
    """Something that happened once: a warning, the first non-finite number, an exception, a limit of the probe.

    kind: warning | non-finite | empty (a loss was NaN because it was averaged over nothing; `message` says what) |
    stale (weights that the script updates itself keep their gradients) | exception |
    constant (a softmax over an axis of size 1) | mixed (a reshape gave rows the entries of others) |
    unequal (a term of the loss is a sum over the batch, another a mean) |
    uphill (log-probabilities times rewards are minimised) |
    blind (the probe could not see something; `message` says what)
    """

    kind: str
    message: str
    step: int | None = None
    place: Place | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """What was seen of an operation that is not finite everywhere (log, sqrt, div, pow, exp …) at one line.

    `of` names what its argument came from, nearest first, without what only reshapes ("add", "sigmoid", …); for a
    division both say what they say of the divisor. `offset` is the number that keeps the argument from the edge: a
    small one that was added, or the bound it was clamped to. `infinite` counts entries whose value was not finite
    though the argument was; `steep` those whose value was finite and whose derivative is not (sqrt at 0); `step` is the
    first step of either. Without values (traced code) the extremes are None.
    """

    name: str
    place: Place | None
    of: tuple[str, ...] = ()
    dtype: str = ""
    looks: int = 0
    minimum: float | None = None
    maximum: float | None = None
    offset: float | None = None
    infinite: int = 0
    steep: int = 0
    step: int | None = None


@dataclass(frozen=True)
class Metric:
    """The task metric of the run, computed by the probe from predictions and targets.

    name: accuracy | balanced_accuracy | r2;  source: validation | training (each batch before it is trained on).
    `value` is the last one (the mean over the last pass), `best` the best seen. Higher is better for each of them.
    """

    name: str
    value: float | None
    source: str
    best: float | None = None
    count: int = 0  # predictions behind `value`
    chance: float | None = None  # what the best constant prediction scores


@dataclass(frozen=True)
class Start:
    """What was run, and in which setting."""

    script: str
    arguments: tuple[str, ...] = ()
    framework: str | None = None
    versions: dict[str, str] = field(default_factory=dict)
    seed: int | None = None


@dataclass(frozen=True)
class End:
    """How the run ended.

    `exit` is the script's own status; seconds are wall time, `probe_seconds` the watching's part of it. The `warm_up_`
    ones are what training and watching had taken after the first steps, which are always looked at (0: unknown).
    """

    exit: int
    seconds: float
    probe_seconds: float = 0.0
    training_seconds: float = 0.0
    traceback: str | None = None
    reason: str = "finished"  # finished | exception | killed | budget
    warm_up_seconds: float = 0.0
    warm_up_probe_seconds: float = 0.0


@dataclass(frozen=True)
class Progress:
    """How much training was seen: optimizer steps, epochs (None when unknown), samples per batch; `planned_epochs` is
    how many the script asks for where nothing ends it sooner."""

    steps: int = 0
    epochs: int | None = None
    batch_size: int | None = None
    training_samples: int | None = None
    validation_samples: int | None = None
    planned_epochs: int | None = None
