"""How long pages take to open in a real Chromium, against the Method page, which computes nothing."""

from __future__ import annotations

import os
import shutil
import statistics
import time

from page import IDLE, served
from playwright.sync_api import BrowserContext, sync_playwright

PAGES = ("compare", "budget", "frontier", "hangs_on", "fairness", "one_csm")
FLOOR = "method"
AGAIN = 3


def opening(browser: BrowserContext, url: str) -> float:
    """Seconds until a fresh session has the whole page."""
    page = browser.new_page()
    start = time.perf_counter()
    page.goto(url)
    page.get_by_role("heading").first.wait_for(timeout=60_000)
    page.wait_for_selector(IDLE, timeout=60_000)
    taken = time.perf_counter() - start
    page.close()
    return taken


def pages() -> None:
    """Print seconds above the floor: when somebody opens a page first, and when it is opened again."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        print("\nOpening: left out, there is no Chromium (set CHROMIUM to its path)")
        return
    print("\nOpening a page on the 500-account book, seconds above the Method page (target: at most 1)")
    arguments = ["--disable-gpu", "--disable-background-networking", "--no-first-run", "--no-sandbox"]
    with sync_playwright() as playwright, served("app.py") as url:
        chromium = playwright.chromium.launch(executable_path=program, args=arguments)
        browser = chromium.new_context(viewport={"width": 1440, "height": 900})  # one, for its cache of the app's files
        opening(browser, url)  # the what-if page comes first: the book, its luck and the stage are there then
        floor = statistics.median(opening(browser, f"{url}/{FLOOR}") for _ in range(AGAIN))
        print(f"{FLOOR:12} {floor:5.2f} itself")
        for name in PAGES:
            first = opening(browser, f"{url}/{name}") - floor
            again = statistics.median(opening(browser, f"{url}/{name}") for _ in range(AGAIN)) - floor
            print(f"{name:12} {first:5.2f} at first {again:5.2f} again")
        chromium.close()
