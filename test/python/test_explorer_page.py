# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The page of the explorer in a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_explorer import PATIENCE, Served

from enigma.explorer import main

# Where Playwright's own is not installed.
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROME_OF_MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
MILLISECONDS = 1000 * PATIENCE

KERNEL = """\
import enigma
from enigma import Layout, Tensor


@enigma.kernel
def double(A):
    i = enigma.thread_position_in_threadgroup.x
    A[i, 0] = A[i, 0] * 2


@enigma.jit
def double_all(A):
    double(A).launch(grid=(1, 1, 1), block=(4, 1, 1))


enigma.compile(double_all, Tensor("A", 0, "float", Layout((4, 8), (8, 1))))
"""
STATEMENT = 8


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip(
        "playwright.sync_api", reason="needs Playwright: pip install playwright"
    )
    with api.sync_playwright() as playwright:
        places = (playwright.chromium.executable_path, *map(shutil.which, CHROMIUM))
        found = [each for each in (*places, CHROME_OF_MACOS) if each and os.path.exists(each)]
        if not found:
            pytest.skip("needs Chromium: apt install chromium, or playwright install chromium")
        browser = playwright.chromium.launch(
            executable_path=found[0], args=list(FLAGS), timeout=MILLISECONDS
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def served(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Served]]:
    path = tmp_path_factory.mktemp("page") / "double.py"
    path.write_text(KERNEL)
    running = Served(path)
    running.settled()
    yield path, running
    running.stop()


@pytest.fixture
def asked() -> list[str]:
    """What a page asks for, and what it complains of."""
    return []


@pytest.fixture
def page(browser: Any, served: tuple[Path, Served], asked: list[str]) -> Iterator[Any]:
    page = opened(browser, asked, 1500, "light")
    page.goto(served[1].server.url)
    page.wait_for_selector(".row.m0")
    yield page
    page.close()


def opened(browser: Any, asked: list[str], width: int, scheme: str) -> Any:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.set_default_timeout(MILLISECONDS)
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: asked.append(f"error: {error}"))
    page.on("console", lambda message: asked.append(f"console: {message.text}"))
    return page


def hits(page: Any, pane: int) -> str:
    """Give the lines of a pane that are marked."""
    return "\n".join(page.locator(".pane").nth(pane).locator(".hit").all_inner_texts())


def row(page: Any, pane: int, line: int) -> Any:
    return page.locator(".pane").nth(pane).locator(".row").nth(line - 1)


def test_lines_that_belong_together_are_marked(
    page: Any, served: tuple[Path, Served], asked: list[str]
) -> None:
    row(page, 0, STATEMENT).hover()
    page.wait_for_selector(".hit")
    assert "A[i, 0] * 2" in hits(page, 0)
    assert "arith.mulf" in hits(page, 1)
    assert "= 2.0f;" in hits(page, 2)
    assert "#include" not in hits(page, 2)
    # The page and its parts, all of this server.
    assert {url for url in asked if not url.startswith(served[1].server.url)} <= {"data:,"}
    assert len(asked) >= 5


def test_marks_are_kept_by_keys(page: Any) -> None:
    page.locator(".pane").nth(0).locator(".body").focus()
    for _ in range(STATEMENT):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert "A[i, 0] * 2" in hits(page, 0)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")
    assert "arith.mulf" in hits(page, 1)
    page.keyboard.press("Escape")
    assert hits(page, 1) == ""
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()


def test_panes_show_what_is_chosen(page: Any) -> None:
    select = page.locator(".bar select").nth(2)
    select.select_option("layouts")
    assert page.locator("figure svg").count() >= 1
    select.select_option("assembly")
    page.get_by_text("enigma_kernel_double_all").first.wait_for()
    page.locator("#more").click()
    assert page.locator(".pane").count() == 4


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 800, 1600])
def test_every_window_will_do(
    browser: Any, served: tuple[Path, Served], asked: list[str], width: int, scheme: str
) -> None:
    page = opened(browser, asked, width, scheme)
    page.goto(served[1].server.url)
    page.wait_for_selector(".row.m0")
    # Nothing hangs over the window; panes scroll by themselves.
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    shown = [pane for pane in page.locator(".pane").all() if pane.is_visible()]
    assert len(shown) == (2 if width <= 820 else 3)
    back = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (max(map(int, back[4:-1].split(","))) < 60) == (scheme == "dark")
    # Numbers stay where a line is moved sideways, and cover its text.
    number = row(page, 1, 8).locator(".number")
    page.locator(".pane").nth(1).locator(".body").evaluate("body => { body.scrollLeft = 90; }")
    pane = page.locator(".pane").nth(1).bounding_box()
    assert pane["x"] <= number.bounding_box()["x"] <= pane["x"] + 8
    assert number.evaluate("number => getComputedStyle(number).backgroundColor").startswith("rgb(")
    page.close()


@pytest.mark.parametrize("width", [400, 1600])
def test_a_file_without_kernels_offers_none(
    browser: Any, asked: list[str], tmp_path: Path, width: int
) -> None:
    path, target = tmp_path / "empty.py", tmp_path / "empty.html"
    path.write_text("import enigma\n")
    main([str(path), "--html", str(target), "--timeout", str(PATIENCE)])
    page = opened(browser, asked, width, "light")
    page.goto(target.as_uri())
    page.wait_for_selector(".row")
    assert page.locator("#unit").is_visible() is False
    page.close()


def test_the_page_follows_the_file(page: Any, served: tuple[Path, Served]) -> None:
    path, _ = served
    path.write_text(KERNEL.replace("A[i, 0] * 2", "A[i, 0] * 'two'"))
    page.wait_for_selector(".message.error")
    before = page.locator(".pane").nth(0).locator(".row, .message").all_inner_texts()
    (at,) = (i for i, text in enumerate(before) if text.startswith("error"))
    assert "'two'" in before[at - 1]
    assert "before the error" in page.locator(".note.stale").first.inner_text()
    assert "= 2.0f;" in page.locator(".pane").nth(2).inner_text()
    path.write_text(KERNEL.replace("A[i, 0] * 2", "A[i, 0] * 3"))
    page.get_by_text("3.0f;").wait_for()
    assert page.locator(".message").count() == 0
    path.write_text(KERNEL)
    page.get_by_text("= 2.0f;").wait_for()


def test_the_file_needs_no_network(browser: Any, tmp_path: Path, asked: list[str]) -> None:
    path, target = tmp_path / "double.py", tmp_path / "double.html"
    path.write_text(KERNEL)
    assert main([str(path), "--html", str(target), "--timeout", str(PATIENCE)]) == 0
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: asked.append(f"error: {error}"))
    page.on("console", lambda message: asked.append(f"console: {message.text}"))
    page.goto(target.as_uri())
    row(page, 0, STATEMENT).hover()
    page.wait_for_selector(".hit")
    assert "= 2.0f;" in hits(page, 2)
    assert set(asked) <= {target.as_uri(), "data:,"}
    context.close()
