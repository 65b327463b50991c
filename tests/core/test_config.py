"""Losses from plain data, names, aliases, and the search over facts."""

from __future__ import annotations

import json

import pytest

import losskit


def test_config_survives_json() -> None:
    loss = losskit.CrossEntropy(class_weight=(1.0, 2.0, 0.5), label_smoothing=0.1, ignore_index=-100)
    assert losskit.from_config(json.loads(json.dumps(loss.config()))) == loss
    assert losskit.from_config(losskit.ElasticNet(ratio=0.2).config()) == losskit.ElasticNet(ratio=0.2)


def test_unknown_names_are_named() -> None:
    with pytest.raises(ValueError, match="'Hubert'"):
        losskit.from_config({"loss": "Hubert"})
    with pytest.raises(ValueError, match="'loss' or a 'penalty'"):
        losskit.from_config({"delta": 1.0})
    with pytest.raises(AttributeError, match=r"losskit\.catalogue"):
        losskit.Hubert  # noqa: B018


def test_acronyms_are_the_same_classes() -> None:
    assert losskit.MSE is losskit.SquaredError
    assert losskit.BCE is losskit.BinaryCrossEntropy
    assert losskit.CE is losskit.CrossEntropy
    assert losskit.MAE is losskit.AbsoluteError
    assert losskit.KL is losskit.KLDivergence


def test_there_are_at_least_45_losses() -> None:
    assert len(losskit.catalogue) >= 45


def test_find_filters_by_task_and_facts() -> None:
    found = losskit.find(task="regression", bounded_gradient=True, convex=True)
    assert losskit.Huber in found
    assert losskit.SquaredError not in found
    assert losskit.CrossEntropy not in found
    assert losskit.Hinge not in losskit.find(smooth=1)
    assert losskit.SquaredHinge in losskit.find(smooth=1)
    with pytest.raises(TypeError, match="unknown facts"):
        losskit.find(colour="red")


def test_find_filters_by_family_kind_and_domain() -> None:
    assert losskit.Cauchy in losskit.find(family="robust")
    assert losskit.Huber not in losskit.find(family="robust")
    assert losskit.CrossEntropy in losskit.find(kind="classwise")
    assert losskit.Huber not in losskit.find(kind="classwise")
    assert losskit.PoissonNegativeLogLikelihood in losskit.find(domain="counts")
    assert losskit.Hinge in losskit.find(domain="signs", kind="elementwise")
    assert losskit.Huber not in losskit.find(domain="signs")
    with pytest.raises(ValueError, match=r"kind: expected one of .*classwise.* got 'pairwise'"):
        losskit.find(kind="pairwise")
    with pytest.raises(ValueError, match=r"domain: expected one of .*counts.* got 'integers'"):
        losskit.find(domain="integers")


def test_a_second_loss_of_a_name_is_refused() -> None:
    from losskit.core.kinds import ElementwiseLoss

    with pytest.raises(TypeError, match="Huber exists already"):
        type("Huber", (ElementwiseLoss,), {"formula": lambda self, xp, prediction, target: prediction})
    assert losskit.catalogue["Huber"] is losskit.Huber
    given = {"formula": lambda self, xp, prediction, target: prediction, "aliases": ("MSE",)}
    with pytest.raises(TypeError, match="MSE exists already"):
        type("MyError", (ElementwiseLoss,), given)
    assert "MyError" not in losskit.catalogue
    assert losskit.MSE is losskit.SquaredError
