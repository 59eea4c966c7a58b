"""In Chromium: an export is dropped on the page, matched, checked and used, and the what-if page answers for it."""

from __future__ import annotations

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from sim.book.intake.gather import Matched, gather
from sim.book.intake.mapping import propose
from sim.book.intake.source import read_sheets
from sim.book.intake.spellings import KNOWN_HEADERS
from sim.book.samples import SAMPLE_DATA
from sim.decide.compare import summaries
from sim.decide.verdict import verdict
from sim.engine.run import set_stage, simulate
from sim.plan.levers import with_lever
from sim.plan.read import plan_preset
from sim.words import money, percent
from sim.world.parameters import world_preset

pytestmark = pytest.mark.browser
PATIENCE = 300_000
SALESFORCE = {
    "account_id": "Account ID",
    "account_name": "Account Name",
    "csm_id": "Account Owner",
    "arr": "ACV",
    "renewal_date": "Contract End Date",
    "term_months": "Contract Term (months)",
    "renewal_probability": "Probability (%)",
}


def export() -> bytes:
    """The start-up sample as another system would write it, with one row that is no account."""
    table = pd.read_csv(SAMPLE_DATA / "startup" / "accounts.csv", dtype=str).rename(columns=SALESFORCE)
    table["ACV"] = "$" + table["ACV"]
    footer = pd.DataFrame([{"Account ID": "Grand total", "ACV": "$1"}])
    return pd.concat([table, footer]).to_csv(index=False).encode()


def test_an_export_changes_the_figures_of_the_what_if_page(page: Page, serve) -> None:
    team = (SAMPLE_DATA / "startup" / "team.csv").read_bytes()
    sheets = [read_sheets(raw, name, KNOWN_HEADERS)[0] for raw, name in ((export(), "sf.csv"), (team, "team.csv"))]
    files = [
        Matched(sheet, propose(sheet, kind).mapping) for sheet, kind in zip(sheets, ("accounts", "team"), strict=True)
    ]
    book = gather(files).result.book
    assert book is not None
    current = plan_preset("current_80_20")
    stage = set_stage(book, current, world_preset("base"))
    then, now = simulate(stage, with_lever(current, "variable_share", 0.30)), simulate(stage, current)

    page.goto(serve("app.py"))
    answer = page.get_by_test_id("stMain").get_by_role("heading", level=4)
    expect(answer).to_be_visible(timeout=PATIENCE)
    assert answer.text_content() != verdict(then, now).sentence
    page.get_by_role("button", name="Bring your own book").click()
    chooser = page.get_by_test_id("stMain").locator("input[type=file][multiple]").first
    chooser.set_input_files(
        [
            {"name": "salesforce.csv", "mimeType": "text/csv", "buffer": export()},
            {"name": "people.csv", "mimeType": "text/csv", "buffer": team},
        ]
    )
    expect(page.get_by_text("Salesforce calls it so.").first).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Check", exact=True).click()
    use = page.get_by_role("button", name="Use this book")
    expect(use).to_be_disabled(timeout=30_000)
    page.get_by_text("Go on without 1 row").click()
    expect(use).to_be_enabled()
    use.click()
    expect(page.get_by_role("heading", name="Your book")).to_be_visible(timeout=30_000)
    page.get_by_role("link", name="What if").click()
    expect(answer).to_have_text(verdict(then, now).sentence, timeout=PATIENCE)
    figures = summaries(then)
    for label, name, written in (("Plan cost", "plan_cost", money), ("NRR", "net_retention", percent)):
        figure = page.locator(".figure").filter(has=page.get_by_text(label, exact=True))
        expect(figure.locator(".value")).to_have_text(written(figures[name].mean))
