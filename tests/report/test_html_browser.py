"""The pages in headless Chromium: at phone and desktop width, light and dark, with the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import CHROMIUM, Browser
from test_html_pages import KINDS, write

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

OVERFLOW = "document.documentElement.scrollWidth - innerWidth"
SCHEME = "getComputedStyle(document.documentElement).colorScheme"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as one:
        yield one


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    for kind in KINDS:
        write(kind, folder / f"{kind}.html")
    return folder


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("width", "dark"), [(360, True), (1440, False)])
def test_fits_its_width_and_has_no_problem(browser: Browser, folder: Path, kind: str, width: int, dark: bool):
    browser.open(folder / f"{kind}.html", width=width, dark=dark)
    assert browser.evaluate("innerWidth") == width
    assert browser.evaluate(OVERFLOW) <= 0
    browser.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert browser.evaluate(OVERFLOW) <= 0
    assert browser.problems == []


def test_the_checks_above_can_fail(browser: Browser, folder: Path):
    browser.open(folder / "empty.html", width=360)
    browser.evaluate("document.querySelector('main').append(Object.assign(document.createElement('pre'), "
                     "{ style: 'width: 500px' }))")  # fmt: skip
    assert browser.evaluate(OVERFLOW) > 0
    browser.evaluate("console.error('seen')")
    assert browser.problems


def test_the_policy_is_enforced(browser: Browser, folder: Path):
    browser.open(folder / "empty.html", width=800)
    violated = browser.evaluate(
        "new Promise((told) => {"
        " document.addEventListener('securitypolicyviolation', (event) => told(event.violatedDirective));"
        " setTimeout(() => told('nothing was'), 5000); new Image().src = 'https://example.invalid/x.png'; })"
    )
    assert violated == "img-src"


def test_the_theme_follows_the_system_and_the_keyboard(browser: Browser, folder: Path):
    ground = "getComputedStyle(document.body).backgroundColor"
    browser.open(folder / "empty.html", width=800)
    light = browser.evaluate(ground)
    browser.open(folder / "empty.html", width=800, dark=True)
    dark = browser.evaluate(ground)
    assert light != dark
    browser.evaluate("document.getElementById('theme-auto').focus()")
    browser.press("ArrowRight", 39)
    assert (browser.evaluate(SCHEME), browser.evaluate(ground)) == ("light", light)
    browser.press("ArrowRight", 39)
    assert (browser.evaluate(SCHEME), browser.evaluate(ground)) == ("dark", dark)
    browser.open(folder / "empty.html", width=800, dark=True, media="print")
    assert browser.evaluate(SCHEME) == "light"


def test_charts_are_read_with_the_keyboard(browser: Browser, folder: Path):
    browser.open(folder / "double_softmax.html", width=800)
    browser.evaluate("document.querySelector('#figure-trial .cover').focus()")
    browser.press("Home", 36)
    read = "document.querySelector('#figure-trial .cover').getAttribute('aria-valuetext')"
    first = browser.evaluate(read)
    assert first.startswith("step 0: before ")
    browser.press("ArrowRight", 39)
    for _ in range(8):
        browser.press("ArrowRight", 39)
    assert browser.evaluate(read) != first
    browser.evaluate("document.querySelector('#figure-gradient-norm .cover').focus()")
    browser.press("ArrowDown", 40)
    assert "2.Linear: " in browser.evaluate("document.querySelector('#figure-gradient-norm .reading').textContent")
    assert browser.problems == []


def test_the_legend_shows_the_last_values_again_when_the_crosshair_leaves(browser: Browser, folder: Path):
    browser.open(folder / "double_softmax.html", width=800)
    legend = "document.querySelector('#figure-loss .legend').textContent"
    rest = browser.evaluate(legend)
    browser.evaluate("document.querySelector('#figure-loss .cover').focus()")
    browser.press("Home", 36)
    assert browser.evaluate(legend) != rest
    browser.evaluate("document.activeElement.blur()")
    assert browser.evaluate(legend) == rest


def test_the_patch_can_be_copied(browser: Browser, folder: Path):
    browser.open(folder / "double_softmax.html", width=800)
    browser.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    browser.evaluate("document.querySelector('#patch button.copy').click()")
    assert browser.evaluate("window.copied === document.querySelector('#patch code').textContent")
    assert browser.evaluate("document.querySelector('#patch button.copy').textContent") == "Copied"


def test_numbers_read_the_same_in_script_and_page(browser: Browser, folder: Path):
    browser.open(folder / "empty.html", width=800)
    written = browser.evaluate("[0, 0.97412, 1234.5, 1.2e-7, -1.5, 5.123e11, null, 12345, 0.5].map(format)")
    assert written == ["0", "0.974", "1,235", "1.2e−7", "−1.5", "5.12e11", "not finite", "12,345", "0.5"]
