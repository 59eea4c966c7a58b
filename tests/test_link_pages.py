"""Links opened in the app without a browser: every page and view, hostile ones, and books that are not there."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from test_app import assert_sound, button, figures, fresh_app, sample_files, scenario, sentence, upload_book, visit

from pages.parts.address import LOOKS
from pages.parts.sidebar import TRIALS
from pages.parts.slides import QUESTIONS
from sim.book.samples import load_sample
from sim.decide.verdict import verdict
from sim.engine.run import MODEL_VERSION, set_stage, simulate
from sim.plan.levers import with_lever
from sim.plan.read import plan_preset
from sim.share.link import MOST_TRIALS, Link, encode, fingerprint_of, opening, to_query
from sim.world.parameters import world_preset

ROOT = Path(__file__).parents[1]
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("[a-z]*.py"))
START = plan_preset("at_risk_70_30")
LINK = replace(
    opening(),
    sample="startup",
    current=plan_preset("at_risk_80_20"),
    preset=START,
    candidate=with_lever(START, "retention_cap", 1.5),
    world_name="mixed",
    world=world_preset("mixed").changed({"churn_cut": 0.05}),
    seed=7,
    trials=256,
    months=6,
    plans=(plan_preset("posthog"),),
)
OF_A_VIEW = {
    "tab": "what_if",
    "why": "what_if",
    "cloud": "what_if",
    "curve": "what_if",
    "steps": "what_if",
    "compare": "compare",
    "spread": "compare",
    "conduct": "fairness",
    "person": "one_csm",
    "slide": "present",
    "segments": "segments",
}
"""The page on which each view of a link is."""


def opened(link: Link | str, page: str = "what_if") -> AppTest:
    """The app as somebody sees it who comes with this link."""
    at = fresh_app()
    query = link if isinstance(link, str) else to_query(encode(link)[0])
    for pair in query.split("&"):
        key, _, value = pair.partition("=")
        at.query_params[key] = value
    if page == "what_if":
        return at.run()
    at.session_state["lever_group"] = "Rules"  # any state will do: the first run is that of the page
    return visit(at, page)


def holds(at: AppTest) -> Link:
    now = scenario(at)
    fields = {name: getattr(now, name) for name in Link.__dataclass_fields__ if hasattr(now, name)}
    return Link(fingerprint="", **fields)


def told(at: AppTest) -> str:
    """All that is said outside the answer."""
    assert not at.exception
    return "\n".join(text.value for text in (*at.error, *at.text, *at.info, *at.warning, *at.main.markdown))


@pytest.mark.parametrize("page", PAGES)
def test_a_link_opens_on_every_page(page):
    at = opened(LINK, page)
    assert_sound(at)
    assert holds(at) == LINK
    assert at.sidebar.selectbox(key="sample").value == "startup"
    assert at.sidebar.radio(key="world").value == "mixed"
    assert at.sidebar.number_input(key="seed").value == 7
    assert at.sidebar.select_slider(key="trials").value == 256
    assert at.sidebar.select_slider(key="months").value == 6
    assert at.query_params == at.query_params | dict(encode(LINK)[0])


def test_its_figures_are_those_of_the_engine():
    stage = set_stage(load_sample("startup"), LINK.current, LINK.world, seed=7, trials=256, n_months=6)
    expected = verdict(simulate(stage, LINK.candidate), simulate(stage, LINK.current)).sentence
    assert sentence(opened(LINK)) == sentence(opened(LINK)) == expected


@pytest.mark.parametrize(
    ("name", "place"), [(name, place) for name, (_, words) in LOOKS.items() for place in {1, min(len(words), 6) - 1}]
)
def test_every_view_is_drawn_by_its_word(name, place):
    key, words = LOOKS[name]
    needs = {"steps": "why=cost", "curve": "why=payout&plan=bonus_commission_mix", "spread": "compare=spread"}
    at = opened(f"book=startup&trials=256&{needs.get(name, 'seed=1')}&{name}={words[place]}", OF_A_VIEW[name])
    assert_sound(at)
    if name == "slide":
        assert [text.value for text in at.markdown if text.value.startswith("## ")] == [
            f"## {QUESTIONS[words[place]][0]}"
        ]
        return
    group = at.button_group(key=key)
    options, chosen = group.options, group.value
    if name == "curve":
        assert chosen == re.sub(r"\\(.)", r"\1", options[place if place < len(options) else 0])
        return
    assert len(options) == len(words)
    assert words[place].split("_")[0] in chosen.lower().replace(" ", "_")
    assert [option for option in options if re.sub(r"\\(.)", r"\1", option) == chosen] == [options[place]]


def test_a_view_chosen_is_in_the_address_of_other_pages_too():
    at = opened("book=startup&trials=256&why=payout")
    at.button_group(key="why_view").set_value("Cost").run()
    visit(at, "segments")
    assert at.query_params["why"] == "cost"
    at.button_group(key="segments_by").set_value("Health").run()
    assert at.query_params["segments"] == "health"
    visit(at, "what_if")
    assert at.button_group(key="why_view").value == "Cost"


def test_the_address_follows_what_is_chosen_in_the_sidebar_and_only_then():
    at = fresh_app().run()
    assert at.query_params == {}
    at.sidebar.selectbox(key="sample").select("startup").run()
    at.sidebar.number_input(key="seed").set_value(5).run()
    at.sidebar.selectbox(key="current_preset").select("posthog").run()
    assert at.query_params == {
        "v": "1",
        "model": MODEL_VERSION,
        "book": "startup",
        "seed": "5",
        "current": "posthog",
    }
    again = opened(to_query(at.query_params.items()))
    assert holds(again) == holds(at)
    assert sentence(again) == sentence(at)
    at.sidebar.selectbox(key="current_preset").select("current_80_20").run()
    assert at.query_params["plan"] == "current_80_20"  # the opening asks about 70/30


def test_undo_after_a_link_leads_to_the_plan_in_force_and_no_further():
    at = opened(LINK)
    button(at, "Undo").click().run()
    assert scenario(at).candidate == LINK.current
    assert button(at, "Undo").disabled


def test_a_link_of_another_model_says_so_until_it_is_understood():
    at = opened("v=1&model=0.9&book=startup&trials=256")
    assert f"made with model 0.9. These are the figures of model {MODEL_VERSION}." in told(at)
    at.sidebar.number_input(key="seed").set_value(5).run()
    assert "model 0.9" in told(at)
    button(at, "Understood").click().run()
    assert "model 0.9" not in told(at)


@pytest.mark.parametrize(
    "query",
    [
        "plan=<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>=1",
        "world=**bold** [l](https://example.com) $x$",
        "seed=" + "9" * 5000,
        "candidate=~1" + "A" * 5900,
        "k=" + "x" * 200_000,
        "mix=0.9&rt=-1&trials=99999999&months=0",
        "seed=\x00\x1b[31m",
    ],
    ids=["script", "tag as a key", "Markdown", "digits", "packed", "enormous", "out of range", "control characters"],
)
def test_a_hostile_link_gets_sentences_and_the_opening(query):
    at = opened(query)
    said = told(at)
    assert "Part of the link could not be used." in said
    assert "link" in said
    assert holds(at) == opening()
    rich = [*at.markdown, *at.caption, *at.error, *at.info, *at.warning, *at.get("html")]
    assert not [text for text in rich if "<script>" in str(text) or "onerror" in str(text) or "[l](" in str(text)]
    at.sidebar.number_input(key="seed").set_value(5).run()
    assert at.query_params == {"v": "1", "model": MODEL_VERSION, "seed": "5"}  # nothing of it is passed on


# --- books -------------------------------------------------------------------------------------------------


def test_a_link_to_a_book_that_is_not_here_says_which_and_takes_it_only():
    accounts, team = sample_files()
    mine = opened("trials=256&mix=0.4")
    upload_book(mine, accounts.encode(), team.encode())
    query = to_query(mine.query_params.items())
    book = scenario(mine).uploaded
    assert f"hash={fingerprint_of(book)}" in query
    assert book.digest not in query

    at = opened(query)
    assert f"**{fingerprint_of(book)[:8]}**" in told(at)
    assert figures(at) == {}  # no figures that could be taken for the link's
    button(at, "Load the book").click().run()
    assert at.file_uploader(key="book_files") is not None
    upload_book(at, "\n".join(accounts.splitlines()[:-1]).encode(), team.encode())
    assert "another one" in told(at)
    assert figures(at) == {}
    upload_book(at, accounts.encode(), team.encode())
    assert sentence(at) == sentence(mine)
    assert to_query(at.query_params.items()) == query


def test_one_can_go_on_with_the_sample():
    at = opened(f"hash={'ab' * 16}&book=startup&trials=256&mix=0.4")
    assert at.query_params["hash"] == "ab" * 16
    button(at, "Go on with the sample book (Start-up)").click().run()
    assert sentence(at) == sentence(opened("book=startup&trials=256&mix=0.4"))
    assert "hash" not in at.query_params


def test_no_name_and_no_salary_gets_into_an_address():
    accounts, team = sample_files()
    lines = [line.split(",") for line in team.splitlines()]
    names, ids = lines[0].index("csm_name"), lines[0].index("csm_id")
    pay = [place for place, head in enumerate(lines[0]) if head in ("ote", "base_salary")]
    marked = accounts
    for number, cells in enumerate(lines[1:]):
        marked = marked.replace(f",{cells[ids]},", f",MARKED{number},")
        cells[names], cells[ids] = f"MARKED {number}", f"MARKED{number}"
        for place in pay:
            cells[place] = "98765" if cells[place] else ""
    at = opened("trials=256")
    upload_book(at, marked.encode(), "\n".join(",".join(cells) for cells in lines).encode())
    assert scenario(at).uploaded is not None
    for page in PAGES:
        visit(at, page)
        address = to_query(at.query_params.items())
        assert "hash=" in address
        assert "MARKED" not in address
        assert "98765" not in address


# --- the rest of the app --------------------------------------------------------------------------------------


def test_the_link_to_copy_is_the_address_and_says_what_it_holds():
    at = opened(LINK)
    at.session_state["copy_link"] = True
    at.run()
    (code,) = at.sidebar.code
    assert code.value.endswith(f"?{to_query(encode(LINK)[0])}")
    assert any("no accounts" in caption.value for caption in at.sidebar.caption)


def test_the_most_trials_of_a_link_are_those_of_the_sidebar():
    assert TRIALS[-1] == MOST_TRIALS


def test_pages_are_opened_with_the_scenario_in_their_address():
    """Streamlit's own way to another page empties the query: only one place may use it."""
    users = [
        path.name for path in sorted((ROOT / "pages").rglob("*.py")) if "st.switch_page" in path.read_text("utf-8")
    ]
    assert users == ["address.py"]
