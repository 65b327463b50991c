"""Escaping by construction: there is no way for text to become markup."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsing import Page

from losskit.report.html.element import Markup, clip, element, escape, join, prose


def test_text_and_attributes_are_escaped():
    made = element("p", "<b>&\"'", title='"><script>')
    assert made == '<p title="&quot;&gt;&lt;script&gt;">&lt;b&gt;&amp;&quot;&#x27;</p>'


def test_markup_stays_markup_and_nothing_else_does():
    inner = element("b", "x")
    assert element("p", inner, [inner, None, ["y", 3]]) == "<p><b>x</b><b>x</b>y3</p>"
    # whatever else is done to markup gives text, which is escaped: a mistake shows, it does not open a door
    for text in (inner + "", f"{inner}", "".join([inner, ""]), inner.replace("x", "y"), inner.strip("z")):
        assert not isinstance(text, Markup)
        assert "<b>" not in element("p", text)


def test_attribute_names():
    assert element("label", for_="a", aria_label="b", data_x=1, hidden=True, id=None, checked=False) == (
        '<label for="a" aria-label="b" data-x="1" hidden></label>'
    )


@pytest.mark.parametrize("tag", ["script", "style", "a b", "", "p>"])
def test_no_element_that_runs(tag: str):
    with pytest.raises(ValueError, match="other than script and style"):
        element(tag, "x")


@pytest.mark.parametrize("name", ["onclick", "onload_", "OnError", "a b", 'x"'])
def test_no_attribute_that_runs(name: str):
    with pytest.raises(ValueError, match="runs no script"):
        element("p", **{name: "alert(1)"})


def test_void_elements_hold_nothing():
    assert element("meta", charset="utf-8") == '<meta charset="utf-8"/>'
    with pytest.raises(ValueError, match="holds nothing"):
        element("meta", "x")


def test_what_would_be_invisible_is_shown():
    assert escape("a\x1b[31m\u202eb\x00\ud800\r") == "a\\x1b[31m\\u202eb\\x00\\ud800\\r"
    assert escape("tab\there\nline ünïcode 日本 🙂") == "tab\there\nline ünïcode 日本 🙂"


@given(st.text(), st.text())
def test_what_goes_in_is_what_a_parser_reads(content: str, attribute: str):
    page = Page(element("p", element("i", title=attribute), content))
    assert [node.tag for node in page.nodes] == ["p", "i"]
    assert escape(page.nodes[0].text) == escape(content)
    assert escape(page.nodes[1].attributes["title"] or "") == escape(attribute)
    element("p", content).encode("utf-8")


def test_backticks_mark_code():
    assert prose("use `a<b` here") == "use <code>a&lt;b</code> here"
    assert prose("one ` only <") == "one ` only &lt;"


def test_clip():
    assert clip("abc", 3) == "abc"
    assert clip("abcd", 3) == "ab…"
    assert join([None, 0, "0"]) == "00"
