"""What a Keras loss is: its name in the catalogue, what it takes for a prediction, and how it is set."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from losskit.doctor.probe.keras_places import place_of
from losskit.recording.facts import Place

# Keras function → (catalogue class, what it takes for a prediction when from_logits is not set)
FUNCTIONS: dict[str, tuple[str, str]] = {
    "binary_crossentropy": ("BinaryCrossEntropy", "probabilities"),
    "binary_focal_crossentropy": ("Focal", "probabilities"),
    "categorical_crossentropy": ("CrossEntropy", "probabilities"),
    "categorical_focal_crossentropy": ("Focal", "probabilities"),
    "categorical_generalized_cross_entropy": ("GeneralizedCrossEntropy", "probabilities"),
    "categorical_hinge": ("CategoricalHinge", "values"),
    "cosine_similarity": ("CosineSimilarity", "values"),
    "ctc": ("CTC", "logits"),
    "dice": ("Dice", "probabilities"),
    "hinge": ("Hinge", "values"),
    "huber": ("Huber", "values"),
    "kl_divergence": ("KLDivergence", "probabilities"),
    "log_cosh": ("LogCosh", "values"),
    "mean_absolute_error": ("AbsoluteError", "values"),
    "mean_absolute_percentage_error": ("MeanAbsolutePercentageError", "values"),
    "mean_squared_error": ("SquaredError", "values"),
    "mean_squared_logarithmic_error": ("MeanSquaredLogarithmicError", "values"),
    "poisson": ("Poisson", "values"),
    "sparse_categorical_crossentropy": ("CrossEntropy", "probabilities"),
    "squared_hinge": ("SquaredHinge", "values"),
    "tversky": ("Tversky", "probabilities"),
}
ELEMENTWISE = frozenset(
    name for name in FUNCTIONS if name.startswith(("mean_", "log_", "huber", "poisson", "hinge", "squared_hinge"))
)
_SETTINGS = (
    *("from_logits", "label_smoothing", "reduction", "axis", "ignore_class", "delta", "alpha", "beta", "gamma", "q"),
    "apply_class_balancing",
)
_PLAIN = (bool, int, float, str)


@dataclass(frozen=True)
class LossDescription:
    """A loss as compile (or a custom loop) uses it."""

    loss: str | None
    function: str
    written_by: str
    expects: str | None
    arguments: dict[str, Any] = field(default_factory=dict)
    created: Place | None = None


class SampleWeights:
    """In how many of the batches looked at no sample had any weight."""

    def __init__(self) -> None:
        self._batches = self._empty = 0

    def add(self, weights: list[np.ndarray]) -> None:
        """The weights of one batch, an array per output that has some."""
        self._batches += 1
        self._empty += bool(weights) and not any(one.any() for one in weights)

    def told(self) -> dict[str, float]:
        return {"empty_batches": self._empty / self._batches} if self._empty else {}


def describe(loss: Any, created: Place | None = None) -> LossDescription:
    """Tell what a resolved Keras loss object, or a plain function, is."""
    if type(loss).__module__ == "losskit.frameworks.keras":
        return _ours(loss.loss, created)
    function = getattr(loss, "fn", None) or loss
    settings = _settings(loss)
    name = _name(function)
    module = getattr(function, "__module__", "") or ""
    if module.partition(".")[0] == "keras" and name in FUNCTIONS:
        catalogue, expects = FUNCTIONS[name]
        if settings.get("from_logits"):
            expects = "logits"
        return LossDescription(catalogue, name, "keras", expects, settings, created)
    written_by = "keras" if module.partition(".")[0] == "keras" else "user"
    return LossDescription(None, name, written_by, None, settings, created)


def _ours(loss: Any, created: Place | None) -> LossDescription:
    """A loss of losskit's catalogue, made a Keras loss."""
    name = type(loss).__name__
    return LossDescription(name, name, "losskit", getattr(loss, "input", "values"), {}, created)


def describe_call(
    function: Any, arguments: tuple[Any, ...], named: dict[str, Any], place: Place | None
) -> LossDescription:
    """Tell what a loss is that the script calls itself, with the settings it passes in that call."""
    told = describe(function, place_of(function) or place)
    if told.loss is None or not inspect.isfunction(function):
        return told
    given = inspect.signature(function).bind_partial(*arguments, **named).arguments
    settings = told.arguments | {name: given[name] for name in _SETTINGS if isinstance(given.get(name), _PLAIN)}
    expects = "logits" if settings.get("from_logits") else FUNCTIONS[told.function][1]
    return replace(told, expects=expects, arguments=settings)


def _name(function: Any) -> str:
    return getattr(function, "__name__", None) or type(function).__name__


def _settings(loss: Any) -> dict[str, Any]:
    """The settings that can be told in a word or a number, defaults of the function included."""
    found: dict[str, Any] = {}
    function = getattr(loss, "fn", loss)
    if inspect.isfunction(function):
        defaults = {p.name: p.default for p in inspect.signature(function).parameters.values()}
        found.update({name: value for name, value in defaults.items() if value is not inspect.Parameter.empty})
    found.update(getattr(loss, "_fn_kwargs", {}))
    found.update({name: getattr(loss, name) for name in _SETTINGS if hasattr(loss, name)})
    return {
        name: found[name]
        for name in _SETTINGS
        if name in found and (found[name] is None or isinstance(found[name], _PLAIN))
    }


__all__ = ["ELEMENTWISE", "FUNCTIONS", "LossDescription", "describe", "describe_call"]
