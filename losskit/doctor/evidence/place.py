"""Where in the source a person would make a change."""

from __future__ import annotations

from losskit.doctor.evidence.rate import the_optimizer
from losskit.recording.facts import Place
from losskit.recording.recording import Recording


def optimizer_place(recording: Recording) -> Place | None:
    """Where the optimizer is constructed; for one named by a string, where the model is compiled."""
    one = the_optimizer(recording)
    return (one.place if one is not None else None) or first_site(recording, "optimizer", "compile")


def input_place(recording: Recording) -> Place | None:
    """Where the variable of the training inputs got its value; else where they are handed over."""
    return _data_place(recording, "inputs")


def target_place(recording: Recording) -> Place | None:
    """Where the variable of the training targets got its value; else where they are handed over."""
    return _data_place(recording, "targets")


def discarded_place(recording: Recording, role: str) -> Place | None:
    """Where "inputs" or "targets" were to be changed, and the result was thrown away; None when nowhere."""
    return next((site.place for site in recording.places("discarded") if site.detail == role), None)


def labels_place(recording: Recording) -> Place | None:
    """Where the training targets last got values, and were not only split or picked from; None when it was not seen."""
    return next((site.place for site in recording.places("made") if site.detail == "targets"), None)


def first_site(recording: Recording, *kinds: str) -> Place | None:
    """The first place of the first of these kinds that was seen."""
    return next((site.place for kind in kinds for site in recording.places(kind)), None)


def _data_place(recording: Recording, role: str) -> Place | None:
    exact = (site.place for site in recording.places("data") if site.detail == role)
    return next(exact, None) or first_site(recording, "data", "loader", "fit", "forward")
