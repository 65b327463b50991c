"""Whole pages: complete, small, well-formed, accessible, and closed to whatever a user's strings hold."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import diagnoses
import pytest
from parsing import Page

from losskit.doctor.finding import Diagnosis
from losskit.recording.facts import Layer, Progress
from losskit.recording.recording import Recording
from losskit.report.html import page as page_module
from losskit.report.html import write_diagnosis, write_fit

KINDS = ("double_softmax", "rate_too_high", "healthy", "crashed", "empty", "hostile", "huge", "verbose", "fit")
CHARTS = {"loss", "metric", "rate", "predictions", "gradient-norm", "update-ratio", "dead-fraction", "classes"}


def write(kind: str, path: Path) -> None:
    if kind != "fit":
        write_diagnosis(getattr(diagnoses, kind)(), path)
        return
    h = diagnoses.HOSTILE
    write_fit(
        diagnoses.classifier(healthy=True),
        path,
        title="digits: accuracy 0.974 on test data",
        task=f"digits.csv, 10 classes in `target` {h}",
        scores={"train": {"loss": 0.04, "r2": 0.99}, "test": {"loss": None, h: float("nan")}},
        loss=f"CrossEntropy() {h}",
        advice=["Ten classes that exclude each other.", h],
        settings={"optimizer": "AdamW", "rate": 0.001, h: h, "layers": [1, 2], "none": None},
    )


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("pages")
    for kind in KINDS:
        write(kind, folder / f"{kind}.html")
    return {kind: (folder / f"{kind}.html").read_text("utf-8") for kind in KINDS}


@pytest.fixture(params=KINDS)
def source(request: pytest.FixtureRequest, sources: dict[str, str]) -> str:
    return sources[request.param]


def text(source: str) -> str:
    """What a person reads, spaces collapsed."""
    page = Page(source)
    return " ".join(" ".join(node.text.split()) for node in page.all("main"))


def test_small_and_well_formed(source: str):
    assert len(source.encode()) < 300_000
    assert source.startswith("<!doctype html>")
    Page(source)


def test_nothing_is_loaded(source: str):
    page = Page(source)
    assert not page.all("img", "link", "iframe", "object", "embed", "base", "form", "video", "audio", "image", "use")
    for node in page.nodes:
        assert not {"src", "srcset", "action", "xlink:href", "background"} & set(node.attributes)
        assert (node.attributes.get("href") or "#").startswith("#")
        assert "url(" not in (node.attributes.get("style") or "")
    (style,) = page.all("style")
    assert not re.search(r"@import|url\(", style.text)


def test_the_policy_forbids_the_network_and_names_the_one_script(source: str):
    page = Page(source)
    (policy,) = (n.attributes["content"] for n in page.all("meta") if "http-equiv" in n.attributes)
    rules = dict(rule.strip().split(" ", 1) for rule in (policy or "").split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["img-src"] == "data:"
    (script,) = (node for node in page.all("script") if "type" not in node.attributes)
    digest = base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()
    assert rules["script-src"] == f"'sha256-{digest}'"


def test_hostile_text_is_text(sources: dict[str, str]):
    for kind in ("hostile", "fit"):
        source, page = sources[kind], Page(sources[kind])
        assert diagnoses.HOSTILE not in source
        assert "<img" not in source
        assert "\x1b" not in source
        assert "\u202e" not in source
        assert not any(name.startswith("on") for node in page.nodes for name in node.attributes)
        assert "</script></style></title><img src=x onerror=alert(1)>\"'`&amp;<!--\\x1b[31m\\u202e\\ud800" in text(
            source
        )
    words = Page(sources["hostile"])
    assert len(words.all("title")) == 1 + len(words.all("svg"))  # the page's, and one per chart


def test_scripts_hold_no_text_of_a_user(source: str):
    for node in Page(source).all("script"):
        if node.attributes.get("type") == "application/json":
            data = json.loads(node.text)
            assert set(data) in ({"x", "lines"}, {"x", "cells"})
            assert not re.search(r'"(?!x"|lines"|cells")[^",:{}\[\]]+"', node.text)


def test_landmarks_and_headings_in_order(source: str):
    page = Page(source)
    for tag in ("main", "nav", "header", "footer", "h1"):
        assert len(page.all(tag)) == 1, tag
    levels = [int(node.tag[1]) for node in page.nodes if re.fullmatch("h[1-6]", node.tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.all("html")[0].attributes["lang"] == "en"


def test_names_and_references(source: str):
    page = Page(source)
    ids = [node.attributes["id"] for node in page.nodes if "id" in node.attributes]
    assert len(set(ids)) == len(ids)
    for node in page.nodes:
        for name in ("aria-labelledby", "for"):
            assert set((node.attributes.get(name) or "").split()) <= set(ids)
        if (node.attributes.get("href") or "").startswith("#"):
            assert (node.attributes["href"] or "")[1:] in ids


def test_charts_and_tables_can_be_heard(source: str):
    page = Page(source)
    for figure in page.all("figure"):
        assert figure.children[0].tag == "figcaption"
    for svg in page.all("svg"):
        assert svg.attributes["role"] == "img"
        assert [child.tag for child in svg.children[:2]] == ["title", "desc"]
        assert all(child.text.strip() for child in svg.children[:2])
    assert all(node.attributes.get("scope") in ("row", "col") for node in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))


def test_the_verdict_comes_first_and_the_proof_with_it(sources: dict[str, str]):
    page, words = Page(sources["double_softmax"]), text(sources["double_softmax"])
    assert page.all("h1")[0].text == "The model ends in softmax, and nn.CrossEntropyLoss applies softmax again"
    assert "train.py:21" in page.having("place")[0].text
    assert "the loss cannot fall below 1.461 for 10 classes." in page.having("lead")[0].text
    assert page.having("result")[0].text == "Accuracy, median over 3 seeds0.412 → 0.972"
    order = ["The patch was tried and helps", "The patch", "Before and after", "Also found", "The run", "Evidence"]
    assert sorted(map(words.index, order)) == list(map(words.index, order))
    assert next(node.text for node in page.all("code") if node.text.startswith("---")) == diagnoses.DIFF
    assert "The patched script was written to patched.py" in words
    assert "LK404 nothing-learned" in words
    assert "The inputs run from 0 to 16" in words
    assert "took 1.2 % of the training time" in words
    assert "its layers were not watched" in words
    assert "The validation pass ran only twice." in words


@pytest.mark.parametrize("kind", ["double_softmax", "huge"])
def test_every_chart_of_a_full_run_is_there(sources: dict[str, str], kind: str):
    page = Page(sources[kind])
    ids = {node.attributes["id"] for node in page.all("figure")}
    assert ids == {f"figure-{name}" for name in CHARTS | {"pairs", "trial"}}


def test_a_long_message_is_parted_at_its_colon(sources: dict[str, str]):
    page = Page(sources["rate_too_high"])
    assert page.all("h1")[0].text == "The learning rate 10 of SGD (0.01 is customary) is too high"
    assert page.having("lead")[0].text.startswith("The loss grew from 2.3 to 5.1e11;")
    assert "A patch was tried and not accepted." in text(sources["rate_too_high"])
    assert "not finite from step 220" in text(sources["rate_too_high"])
    assert {"figure-loss", "figure-ranges"} <= {node.attributes["id"] for node in page.all("figure")}


def test_a_patch_that_was_not_tried_says_how_to_try_it(tmp_path: Path):
    diagnosis = diagnoses.double_softmax()
    finding = diagnosis.findings[0]
    untried = replace(finding, remedies=tuple(replace(remedy, trial=None) for remedy in finding.remedies))
    write_diagnosis(replace(diagnosis, findings=(untried,), patched=None), tmp_path / "a.html")
    words = text((tmp_path / "a.html").read_text("utf-8"))
    assert "Not tried yet: losskit doctor train.py --fix" in words
    assert "0.412 → " not in words


def test_the_whole_accepted_diff_is_shown_where_there_is_one(tmp_path: Path):
    diagnosis = replace(diagnoses.double_softmax(), diff="--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-all\n+together\n")
    write_diagnosis(diagnosis, tmp_path / "a.html")
    blocks = Page((tmp_path / "a.html").read_text("utf-8")).having("diff")
    assert "+together" in blocks[0].text


def test_nothing_found_is_calm_and_says_what_was_checked(sources: dict[str, str]):
    page, words = Page(sources["healthy"]), text(sources["healthy"])
    assert page.all("h1")[0].text == "Nothing wrong was found in train.py"
    assert "LK101 double-activation" in words
    assert "looks fine" in words
    assert "Dead units: none, in any of 6 layers." in words
    assert "figure-loss" in {node.attributes["id"] for node in page.all("figure")}


def test_a_rule_that_had_nothing_to_look_at_is_not_called_fine(tmp_path: Path):
    recording = Recording()
    for step in range(5):
        recording.measure("loss", step, 1.0)
        recording.measure("validation/loss", step, 1.0)
    write_diagnosis(Diagnosis("t.py", "torch", 0, None, None, (), recording), tmp_path / "a.html")
    rows = {
        row.children[0].text[:5]: row.children[-1].text for row in Page((tmp_path / "a.html").read_text()).all("tr")
    }
    assert rows["LK501"] == "looks fine"  # needs the two losses
    assert rows["LK101"] == "not measured"  # needs to have seen the loss call


def test_layers_are_named_by_what_they_are_and_few_are_lines(tmp_path: Path):
    recording = Recording(
        progress=Progress(steps=100), layers=[Layer("0", "Linear", 0), Layer("fc.Linear", "Linear", 1)]
    )
    for step in range(10):
        recording.measure("gradient_norm/0", step, 1.0)
        recording.measure("gradient_norm/fc.Linear", step, 2.0)
        recording.measure("saturated_fraction/0", step, 0.0)
    write_diagnosis(Diagnosis("t.py", "torch", 0, None, None, (), recording), tmp_path / "a.html")
    page = Page((tmp_path / "a.html").read_text("utf-8"))
    assert [node.text for node in page.all("li") if node.text.endswith(("1", "2"))] == ["0 Linear 1", "fc.Linear 2"]
    assert "Measured until step 9 of 100." in page.all("figcaption")[0].text
    assert "Saturated units: none, in any of 1 layer." in page.all("main")[0].text


def test_a_crash_is_told_with_its_traceback(sources: dict[str, str]):
    words = text(sources["crashed"])
    assert Page(sources["crashed"]).all("h1")[0].text == "train.py stopped before it was done"
    assert "RuntimeError: mat1 and mat2 shapes cannot be multiplied (32x64 and <128>x10)" in words
    assert "Traceback (most recent call last)" in words
    assert "looks fine" not in words


def test_an_empty_recording_is_said_plainly(sources: dict[str, str]):
    assert Page(sources["empty"]).all("h1")[0].text == "No training was seen in train.py"
    assert "No training step was recorded." in text(sources["empty"])
    assert not Page(sources["empty"]).all("figure")


def test_a_fit_has_scores_reasons_curves_and_settings(sources: dict[str, str]):
    page, words = Page(sources["fit"]), text(sources["fit"])
    assert page.all("h1")[0].text == "digits: accuracy 0.974 on test data"
    for expected in ("R²", "0.99", "NaN", "Ten classes that exclude each other.", "AdamW", "[1, 2]", "CrossEntropy()"):
        assert expected in words
    assert {f"figure-{name}" for name in ("loss", "metric", "gradient-norm")} <= {
        node.attributes["id"] for node in page.all("figure")
    }


def test_a_page_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "report.html"
    path.write_text("the earlier one")
    monkeypatch.setattr(page_module.os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_diagnosis(diagnoses.empty(), path)
    assert path.read_text() == "the earlier one"
    assert list(tmp_path.iterdir()) == [path]


def test_a_section_too_large_for_the_page_gives_way_to_the_others(sources: dict[str, str]):
    assert "Left out: with it this page would be larger than 300 KB." in sources["verbose"]
    assert "Left out" not in sources["huge"]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_colours_reach_wcag_aa(sources: dict[str, str], theme: int):
    pairs = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", sources["empty"])
    colours = {name: both[theme] for name, *both in pairs}
    assert len(colours) > 25
    for ground in ("paper", "raised"):
        for name in ("ink", "muted", "accent", "error", "warning", "fine"):
            assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
        for name in ("c1", "c2", "c3", "c4", "bad"):  # lines and dots
            assert contrast(colours[name], colours[ground]) >= 3, (name, ground)
    for name in ("added", "removed"):
        assert contrast(colours[f"{name}-ink"], colours[name]) >= 4.5, name
