"""The what-if page in a real Chromium: from a key on the lever to the painted picture, and pictures a second."""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
WARM = 4
KEYS = ["ArrowLeft"] * 28 + ["End"] + ["ArrowLeft"] * 15
"""From 30 % down, then from 50 %: each value is new, so no answer is kept from before."""
DRAG_SECONDS = 5.0
IDLE = '[data-test-script-state="notRunning"]'
# Notes when each key went down, and when its answer had been drawn and painted: two frames later.
WATCH = """() => {
  const lever = document.activeElement.shadowRoot?.activeElement ?? document.activeElement
  const frame = () => new Promise(done => requestAnimationFrame(done))
  window.addEventListener('keydown', () => { window.down = performance.now(); window.painted = null }, true)
  new MutationObserver(async () => {
    if (lever.ariaBusy !== 'false') return
    const down = window.down
    await frame(); await frame()
    window.painted = performance.now() - down
  }).observe(lever, {attributeFilter: ['aria-busy']})
}"""
# Every distinct picture of cost against retained ARR that was drawn: a canvas tells only while it is drawn on.
COUNT = """() => {
  const pen = CanvasRenderingContext2D.prototype, { lineTo, clearRect } = pen
  const chart = document.querySelector('[data-testid=stVegaLiteChart] canvas')
  let number = 0
  window.pictures = new Set()
  pen.lineTo = function (x, y) {
    if (this.canvas === chart) number = (number * 31 + x * 7 + y) % 1e9
    return lineTo.call(this, x, y)
  }
  pen.clearRect = function (...box) {
    if (this.canvas === chart) window.pictures.add(number), (number = 0)
    return clearRect.apply(this, box)
  }
}"""


@contextmanager
def served(script: str) -> Iterator[str]:
    """The script as a running server; its address."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        script,
        "--server.port",
        str(port),
        "--server.headless",
        "true",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=quiet, stdout=quiet, stderr=quiet)
    url = f"http://localhost:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)


def opened(browser: Browser, url: str) -> Page:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(url)
    page.get_by_role("slider", name="Variable pay").wait_for(timeout=120_000)
    page.wait_for_selector(IDLE, timeout=120_000)
    page.wait_for_timeout(3000)
    page.get_by_role("slider", name="Variable pay").focus()
    page.evaluate(WATCH)
    return page


def key_to_paint(page: Page, key: str) -> float:
    """Milliseconds from a step of the lever to the painted picture."""
    page.bring_to_front()
    page.keyboard.press(key)
    painted = page.wait_for_function("window.painted", timeout=20_000, polling=20)
    page.wait_for_timeout(120)
    return float(painted.json_value())


def pictures_a_second(page: Page) -> float:
    """Distinct pictures on the page during a drag."""
    page.bring_to_front()
    page.evaluate(COUNT)
    box = page.get_by_role("slider", name="Variable pay").bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.1, y)
    page.mouse.down()
    start = time.perf_counter()
    while (passed := time.perf_counter() - start) < DRAG_SECONDS:
        page.mouse.move(box["x"] + box["width"] * (0.1 + 0.85 * passed / DRAG_SECONDS), y)
        time.sleep(0.01)
    page.mouse.up()
    return float(page.evaluate("window.pictures.size - 1")) / DRAG_SECONDS


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def page() -> None:
    """Print the page's figures; the floor is the same page with the engine's answer held constant."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        print("\nPage: left out, there is no Chromium (set CHROMIUM to its path)")
        return
    print("\nPage: 500 accounts, lever to painted picture, milliseconds")
    arguments = ["--disable-gpu", "--disable-background-networking", "--no-first-run", "--no-sandbox"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        with served("app.py") as url, served("tests/bench/constant_app.py") as floor_url:
            tabs = [opened(browser, url), opened(browser, floor_url)]
            taken: list[list[float]] = [[], []]
            for key in KEYS:  # in turns: what else the machine does meets both alike
                for tab, times in zip(tabs, taken, strict=True):
                    times.append(key_to_paint(tab, key))
            real, floor = taken[0][WARM:], taken[1][WARM:]
            for name, times in (("as it is", real), ("answer held constant", floor)):
                print(f"{name:24} p50 {statistics.median(times):7.0f}   p95 {p95(times):7.0f}")
            print(
                f"{'ratio':24} p50 {statistics.median(real) / statistics.median(floor):7.2f}"
                f"   p95 {p95(real) / p95(floor):7.2f}   (target: at most 1.5)"
            )
            tabs[1].close()
            print(f"{'while dragging':24} {pictures_a_second(tabs[0]):.1f} pictures a second (target: at least 10)")
        browser.close()
