"""From the frontier to the what-if page in Chromium: search, pick a plan, and meet it there as the candidate."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from sim.book.samples import load_sample
from sim.decide.compare import differences
from sim.engine.run import TRIALS
from sim.plan.read import plan_preset, read_plan
from sim.runs.setting import Setting, run
from sim.words import money
from sim.world.parameters import world_preset

pytestmark = pytest.mark.browser
CURRENT = plan_preset("current_80_20")
SEARCHED = 300_000
"""Milliseconds: the engine may have to be compiled first."""


def test_a_plan_of_the_frontier_becomes_the_candidate_and_undo_takes_it_back(page: Page, serve, tmp_path):
    page.goto(f"{serve('app.py')}/frontier")
    plans = page.get_by_role("slider", name="Plans to try")
    plans.wait_for(timeout=SEARCHED)
    plans.focus()
    page.keyboard.press("Home")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible(timeout=SEARCHED)
    expect(page.get_by_text(re.compile(r"plans tried, \d+ that no other beats so far"))).to_be_visible(timeout=SEARCHED)
    pick = page.get_by_role("button", name="Open in What if").first
    pick.wait_for(timeout=SEARCHED)
    assert page.get_by_role("button", name="Open in What if").count() > 2
    with page.expect_download() as download:
        page.get_by_role("button", name="Plan file").first.click()
    download.value.save_as(tmp_path / "plan.toml")
    plan = read_plan(tmp_path / "plan.toml")
    expect(page.get_by_text(f"1. {plan.name}")).to_be_visible()
    pick.click()
    setting = Setting(load_sample("midmarket"), CURRENT, world_preset("base"), trials=TRIALS)
    change = differences(run(setting, plan), run(setting, CURRENT))["plan_cost"].mean
    answer = page.get_by_role("heading", level=4)
    expect(answer).to_contain_text(f"Costs {money(abs(change))} {'more' if change > 0 else 'less'}", timeout=SEARCHED)
    expect(page).to_have_url(re.compile(r"/(what_if)?(\?.*)?$"))
    before = answer.inner_text()
    page.get_by_role("button", name="Undo").click()
    expect(answer).not_to_have_text(before, timeout=SEARCHED)


def test_a_search_can_be_stopped_and_what_was_found_stays(page: Page, serve):
    page.goto(f"{serve('app.py')}/frontier")
    page.get_by_role("button", name="Search").wait_for(timeout=SEARCHED)
    page.get_by_role("button", name="Search").click()
    tried = page.get_by_text(re.compile(r"plans tried, \d+ that no other beats so far"))
    expect(tried).to_be_visible(timeout=SEARCHED)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text(re.compile(r"Stopped at \d+%"))).to_be_visible(timeout=SEARCHED)
    expect(tried).to_be_visible()
