"""The whole app without a browser: every page, preset and setting, undo, files, and what is told when it can't be."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.literal import literal
from pages.parts.state import Scenario
from sim.book.samples import SAMPLES, load_sample
from sim.decide.compare import differences, summaries
from sim.decide.verdict import verdict
from sim.engine.run import set_stage, simulate
from sim.plan.levers import LEVERS, Lever, lever_reason, lever_value, with_lever
from sim.plan.read import PLAN_PRESETS, plan_preset, plan_to_toml
from sim.plan.schema import Component, Plan
from sim.words import money, percent
from sim.world.parameters import WORLD_PRESETS, world_preset

ROOT = Path(__file__).parents[1]
PAGES = ("what_if", "people", "book", "numbers", "valuation", "method")
CURRENT = plan_preset("current_80_20")
TRIALS = 256
FIRST_RUN_SECONDS = 300
"""The engine is compiled in the first run after a change of it."""
SMALL = Scenario("startup", None, CURRENT, CURRENT, CURRENT, world_preset("base"), "base", trials=TRIALS)
UNCHANGED = "The same as the plan in force"


def open_app(lever: Lever | None = None, **settings: object) -> AppTest:
    """The app on the small book with few trials, with this lever's tab open, and these settings of its scenario."""
    at = fresh_app()
    if lever is not None:
        at.session_state["lever_group"] = lever.group
    at.session_state["scenario"] = replace(SMALL, **settings)
    return at.run()


def fresh_app() -> AppTest:
    # Not from_file: with a folder `pages` beside its script AppTest runs the pages without the shell.
    return AppTest.from_string(
        f"import runpy\nrunpy.run_path({str(ROOT / 'app.py')!r})", default_timeout=FIRST_RUN_SECONDS
    )


def visit(at: AppTest, page: str) -> AppTest:
    return at.switch_page(str(ROOT / "pages" / f"{page}.py")).run()


def scenario(at: AppTest) -> Scenario:
    held: Scenario = at.session_state["scenario"]
    return held


def sentence(at: AppTest) -> str:
    """The answer, which is the only heading of the what-if page."""
    assert_sound(at)
    (heading,) = [text.value for text in at.main.markdown if text.value.startswith("#### ")]
    return re.sub(r"\\(.)", r"\1", heading.removeprefix("#### "))


def assert_sound(at: AppTest) -> None:
    assert not at.exception
    assert [error.value for error in at.error] == []


def complaints(at: AppTest) -> str:
    """What is said when something can't be: a heading and literal text, never a traceback."""
    assert not at.exception
    assert len(at.error) == 1
    return "\n".join([at.error[0].value, *(text.value for text in at.text)])


def button(at: AppTest, label: str):
    return next(button for button in at.button if button.label == label)


def drawn_lever(at: AppTest, label: str) -> dict[str, object]:
    """What a numeric lever shows."""
    return next(shown for shown in components(at) if isinstance(shown, dict) and shown.get("label") == label)


def figures(at: AppTest) -> dict[str, dict[str, str]]:
    """The headline figures by label."""
    return {figure["label"]: figure for shown in components(at) if isinstance(shown, list) for figure in shown}


def components(at: AppTest) -> list[object]:
    return [json.loads(component.proto.json) for component in at.get("bidi_component")]


def open_tab(at: AppTest, group: str) -> AppTest:
    at.session_state["lever_group"] = group
    return at.run()


THRESHOLD = next(lever for lever in LEVERS if lever.name == "retention_threshold")


def plan_with(lever: Lever) -> Plan:
    """A plan on which this lever can be moved: the current one, or the first preset, or one with the switch on."""
    switched = [with_lever(CURRENT, switch, True) for switch in ("retention_capped", "expansion_capped")]
    switched.append(with_lever(CURRENT, "expansion_gate", True))
    plans = [CURRENT, *map(plan_preset, PLAN_PRESETS), *switched]
    return next(plan for plan in plans if lever_value(plan, lever.name) is not None)


# --- it opens -----------------------------------------------------------------------------------------


def test_it_opens_with_the_mid_market_book_and_an_answer():
    at = fresh_app().run()
    assert sentence(at).startswith(("Costs", "The cost"))
    assert at.sidebar.selectbox(key="sample").value == "midmarket"
    assert drawn_lever(at, "Variable pay")["value"] == 0.30
    assert drawn_lever(at, "Variable pay")["marks"] == [["in force", 0.20]]
    assert len(figures(at)) == 6
    assert len(at.get("vega_lite_chart")) == 2


def test_the_figures_are_those_of_the_engine():
    candidate = plan_preset("at_risk_70_30")
    at = open_app(candidate=candidate)
    stage = set_stage(load_sample("startup"), CURRENT, world_preset("base"), trials=TRIALS)
    then, now = simulate(stage, candidate), simulate(stage, CURRENT)
    means, changes = summaries(then), differences(then, now)
    shown = {label: (figure["value"], figure["change"]) for label, figure in figures(at).items()}
    assert sentence(at) == verdict(then, now).sentence
    assert shown["Plan cost"][0] == money(means["plan_cost"].mean)
    assert shown["GRR"][0] == percent(means["gross_retention"].mean)
    assert shown["Retained ARR"][1].startswith(money(changes["retained_arr"].mean, signed=True))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("book", SAMPLES)
def test_every_page_opens_on_every_sample_book(book, page):
    at = visit(open_app(sample=book), page)
    assert_sound(at)
    assert at.sidebar.selectbox(key="sample").value == book
    if page == "people":
        assert len(at.dataframe[0].value) == len(load_sample(book).team)
    if page == "book":
        assert literal(SAMPLES[book]) in at.main.markdown[0].value


def test_settings_survive_a_look_at_another_page(move_lever):
    at = open_app()
    at.selectbox(key="start_from").select("posthog").run()
    move_lever(at, "lever.variable_share", 0.25)
    before = sentence(at)
    visit(at, "people")
    visit(at, "what_if")
    assert sentence(at) == before
    assert at.selectbox(key="start_from").value == "posthog"
    assert drawn_lever(at, "Variable pay")["value"] == 0.25


# --- every plan and every setting -----------------------------------------------------------------------


@pytest.mark.parametrize("preset", PLAN_PRESETS)
def test_every_preset_as_candidate(preset):
    at = open_app()
    at.selectbox(key="start_from").select(preset).run()
    assert scenario(at).candidate == plan_preset(preset)
    assert (sentence(at) == f"{UNCHANGED}: no trial costs more or less, and none keeps more or less ARR.") == (
        plan_preset(preset) == CURRENT
    )


@pytest.mark.parametrize("preset", PLAN_PRESETS)
def test_every_preset_as_the_plan_in_force(preset):
    before = plan_preset("flowfuse" if preset == "posthog" else "posthog")
    at = open_app(current=before, preset=CURRENT, candidate=CURRENT)
    at.sidebar.selectbox(key="current_preset").select(preset).run()
    assert scenario(at).current == scenario(at).candidate == plan_preset(preset)
    assert at.selectbox(key="start_from").value == "Plan in force"
    assert sentence(at).startswith(UNCHANGED)


SLIDERS = [lever for lever in LEVERS if lever.widget == "slider"]
OTHERS = [lever for lever in LEVERS if lever.widget != "slider"]


@pytest.mark.parametrize("end", ["low", "high"])
@pytest.mark.parametrize("lever", SLIDERS, ids=lambda lever: lever.name)
def test_both_ends_of_every_lever(lever, end, move_lever):
    plan = plan_with(lever)
    value = getattr(lever, end)
    at = move_lever(open_app(lever, preset=plan, candidate=plan), f"lever.{lever.name}", value)
    assert lever_value(scenario(at).candidate, lever.name) == value
    assert sentence(at)


@pytest.mark.parametrize("lever", OTHERS, ids=lambda lever: lever.name)
def test_every_option_of_every_switch_and_choice(lever):
    plan = plan_with(lever)
    at = open_app(lever, preset=plan, candidate=plan)
    key = f"lever.{lever.name}"
    options = [option for option, _ in lever.options] or [True, False]
    for option in sorted(options, key=lambda option: option == lever_value(plan, lever.name)):
        (at.selectbox(key=key).select(option) if lever.options else at.toggle(key=key).set_value(option)).run()
        assert lever_value(scenario(at).candidate, lever.name) == option
        assert sentence(at)
    assert scenario(at).candidate == plan or lever.name == "quota_rule"  # fitted quotas give up fixed targets
    button(at, "Undo").click().run()
    assert scenario(at).candidate == plan


@pytest.mark.parametrize("lever", SLIDERS, ids=lambda lever: lever.name)
def test_plain_sliders_instead(lever):
    at = open_app(lever, preset=plan_with(lever), candidate=plan_with(lever))
    at.sidebar.toggle(key="live_levers").set_value(False).run()
    at.slider(key=f"lever.{lever.name}").set_value(lever.high * (100 if lever.unit == "%" else 1)).run()
    assert lever_value(scenario(at).candidate, lever.name) == lever.high
    assert sentence(at)


# --- the way back ---------------------------------------------------------------------------------------


def test_undo_takes_back_one_move_after_the_other(move_lever):
    at = open_app()
    start = sentence(at)
    assert start.startswith(UNCHANGED)
    assert button(at, "Undo").disabled
    first = sentence(move_lever(at, "lever.variable_share", 0.4))
    at.selectbox(key="start_from").select("posthog").run()
    assert len({start, first, sentence(at)}) == 3
    button(at, "Undo").click().run()
    assert sentence(at) == first
    assert at.selectbox(key="start_from").value == "Plan in force"
    button(at, "Undo").click().run()
    assert sentence(at) == start
    assert drawn_lever(at, "Variable pay")["value"] == 0.2
    assert button(at, "Undo").disabled


def test_a_drag_is_one_step_back(move_lever):
    at = open_app()
    for value in (0.22, 0.35, 0.28, 0.4):
        move_lever(at, "lever.variable_share", value)
    move_lever(open_tab(at, "Retention"), "lever.retention_threshold", 0.9)
    button(at, "Undo").click().run()
    assert scenario(at).candidate == with_lever(CURRENT, "variable_share", 0.4)
    button(at, "Undo").click().run()
    assert scenario(at).candidate == CURRENT


def test_passing_over_other_settings_does_not_wear_them_down(move_lever):
    at = open_app(THRESHOLD)
    for value in (0.99, 0.5, CURRENT.components[0].curve.threshold):
        move_lever(at, "lever.retention_threshold", value)
    assert scenario(at).candidate == CURRENT
    assert sentence(at).startswith(UNCHANGED)


def test_reset_is_the_plan_in_force_and_can_be_undone():
    at = open_app(preset=plan_preset("posthog"), candidate=plan_preset("posthog"))
    button(at, "Reset").click().run()
    assert sentence(at).startswith(UNCHANGED)
    assert {figure["change"].split(" ")[0] for figure in figures(at).values()} == {"+$0", "+0.00"}
    button(at, "Undo").click().run()
    assert scenario(at).candidate == plan_preset("posthog")
    assert at.selectbox(key="start_from").value == "posthog"


# --- the sidebar ----------------------------------------------------------------------------------------


def test_every_world_and_none_but_its_answer():
    at = open_app(candidate=plan_preset("at_risk_70_30"))
    answers = set()
    for world in WORLD_PRESETS:
        at.sidebar.radio(key="world").set_value(world).run()
        assert scenario(at).world == world_preset(world)
        answers.add(sentence(at))
    assert len(answers) == len(WORLD_PRESETS)


def test_where_nobody_responds_to_pay_every_plan_keeps_the_same_arr(move_lever):
    at = open_app(world=world_preset("sceptic"), world_name="sceptic")
    for value in (0.0, 0.35, 0.5):
        move_lever(at, "lever.variable_share", value)
        assert "Keeps exactly the same ARR." in f"{sentence(at)}."
        assert figures(at)["Retained ARR"]["change"] == "+$0"


def test_trials_horizon_and_seed():
    at = open_app(candidate=plan_preset("at_risk_70_30"))
    answers = [sentence(at)]
    at.sidebar.select_slider(key="trials").set_value(512).run()
    answers.append(sentence(at))
    at.sidebar.number_input(key="seed").set_value(2).run()
    answers.append(sentence(at))
    for months in (3, 36):
        at.sidebar.select_slider(key="months").set_value(months).run()
        answers.append(sentence(at))
    assert len(set(answers)) == len(answers)
    assert (scenario(at).trials, scenario(at).seed, scenario(at).months) == (512, 2, 36)


def test_every_view_of_every_picture():
    at = open_app(candidate=plan_preset("bonus_commission_mix"))
    drawn = set()
    for why in at.button_group(key="why_view").options:
        at.button_group(key="why_view").set_value(why).run()
        for key in ("cloud_view", "curve_of", "bridge_view"):
            for view in at.button_group(key=key).options if key in {group.key for group in at.button_group} else []:
                at.button_group(key=key).set_value(view).run()
                assert sentence(at)
                assert len(at.get("vega_lite_chart")) == 2
                drawn |= {text.value for text in at.main.markdown if text.value.startswith("**")}
    assert len(drawn) >= 8, "each view says what it finds"


def test_views_survive_a_look_at_another_page():
    at = open_app(candidate=plan_preset("at_risk_70_30"))
    at.button_group(key="cloud_view").set_value("Difference").run()
    at.button_group(key="why_view").set_value("Cost").run()
    at.button_group(key="bridge_view").set_value("By lever").run()
    open_tab(at, "Rules")
    before = [text.value for text in at.main.markdown]
    visit(at, "people")
    visit(at, "what_if")
    assert [text.value for text in at.main.markdown] == before
    assert drawn_lever(at, "Accelerator")["value"] == 1.5


def test_names_of_components_are_shown_as_they_are():
    parts = tuple(
        part.model_copy(update={"name": name}) for part, name in zip(CURRENT.components, HOSTILE, strict=False)
    )
    at = open_app(candidate=CURRENT.model_copy(update={"components": parts}))
    shown = at.button_group(key="curve_of").options
    assert [re.sub(r"\\(.)", r"\1", option) for option in shown] == list(HOSTILE[:2])
    assert not set(shown) & set(HOSTILE)


def test_in_a_world_without_response_the_effort_picture_says_so():
    at = open_app(world=world_preset("sceptic"), world_name="sceptic", candidate=plan_preset("at_risk_70_30"))
    at.button_group(key="why_view").set_value("Effort").run()
    assert "effort changes nothing" in " ".join(text.value for text in at.main.markdown)
    assert len(at.get("vega_lite_chart")) == 1


# --- what can't be --------------------------------------------------------------------------------------


LACKING = [lever for lever in LEVERS if lever.reason]


@pytest.mark.parametrize("lever", LACKING, ids=lambda lever: lever.name)
def test_a_setting_that_a_plan_does_not_have_says_why(lever, move_lever):
    plan = next(plan for plan in map(plan_preset, PLAN_PRESETS) if lever_reason(plan, lever.name))
    at = open_app(lever, candidate=plan)
    assert_sound(at)
    if lever.widget == "slider":
        shown = drawn_lever(at, lever.label)
        assert (shown["disabled"], shown["reason"]) == (True, lever_reason(plan, lever.name))
        move_lever(at, f"lever.{lever.name}", lever.high)
    else:
        widget = at.selectbox if lever.options else at.toggle
        shown = widget(key=f"lever.{lever.name}")
        assert (shown.disabled, shown.help) == (True, lever_reason(plan, lever.name))
    assert scenario(at).candidate == plan


def test_a_value_out_of_bounds_is_brought_in(move_lever):
    at = move_lever(open_app(), "lever.variable_share", 7.0)
    assert lever_value(scenario(at).candidate, "variable_share") == 0.5


def test_a_move_that_the_plan_does_not_allow_is_refused_in_a_sentence(move_lever):
    low_cap = CURRENT.model_copy(update={"components": tuple(map(_capped_low, CURRENT.components))})
    at = move_lever(open_app(THRESHOLD, candidate=low_cap), "lever.retention_threshold", 0.95)
    said = complaints(at)
    assert "not possible with this plan" in said
    assert "threshold is above the cap" in said
    assert scenario(at).candidate == low_cap
    assert len(figures(at)) == 6  # the answer stands, for the plan as it is


def _capped_low(component: Component) -> Component:
    return component.model_copy(update={"curve": component.curve.model_copy(update={"cap": 0.9})})


def test_a_book_without_white_space_gets_a_sentence():
    book = load_sample("startup")
    none = np.zeros(len(book))
    book = replace(book, name="Your book", upsell_whitespace=none, cross_sell_whitespace=none)
    at = open_app(uploaded=book)
    for page in ("what_if", "people"):
        said = complaints(visit(at, page))
        assert "The plan in force cannot be run on this book" in said
        assert "quota" in said
    assert_sound(visit(at, "book"))
    visit(at, "what_if")
    at.sidebar.selectbox(key="current_preset").select("corporate_mbo").run()  # pays nothing on bookings
    assert sentence(at)
    at.selectbox(key="start_from").select("current_80_20").run()
    assert "The candidate cannot be run on this book" in complaints(at)
    button(at, "Undo").click().run()
    assert sentence(at)


# --- files ----------------------------------------------------------------------------------------------


def upload_book(at: AppTest, accounts: bytes, team: bytes) -> AppTest:
    """Both files on the page of the book, checked, and used if they can be."""
    visit(at, "book")
    at.button_group(key="book_view").set_value("Bring your own").run()
    files = [("accounts.csv", accounts, "text/csv"), ("team.csv", team, "text/csv")]
    at.file_uploader(key="book_files").set_value(files).run()
    button(at, "Check").click().run()
    if not button(at, "Use this book").disabled:
        button(at, "Use this book").click().run()
        visit(at, "what_if")
    return at


def sample_files(book: str = "startup") -> tuple[str, str]:
    folder = ROOT / "sample_data" / book
    return (folder / "accounts.csv").read_text("utf-8"), (folder / "team.csv").read_text("utf-8")


def test_a_book_of_ones_own_gives_what_the_sample_gives():
    accounts, team = sample_files()
    at = open_app(sample="midmarket", candidate=plan_preset("at_risk_70_30"))
    upload_book(at, accounts.encode(), team.encode())
    assert sentence(at) == sentence(open_app(candidate=plan_preset("at_risk_70_30")))
    for page in PAGES:
        assert_sound(visit(at, page))
        assert scenario(at).uploaded is not None
    button(at.sidebar, "Back to the sample books").click().run()
    assert scenario(at).uploaded is None
    assert at.sidebar.selectbox(key="sample").value == "midmarket"


def test_bad_rows_are_shown_and_stay_out_only_when_the_user_says_so():
    accounts, team = sample_files()
    lines = accounts.splitlines()
    place = lines[0].split(",").index("arr")
    for row in (3, 7):
        cells = lines[row].split(",")
        cells[place] = "-5"
        lines[row] = ",".join(cells)
    at = upload_book(open_app(), "\n".join(lines).encode(), team.encode())
    assert_sound(at)
    totals, broken = (table.value for table in at.dataframe[:2])
    assert totals.loc[0, ["Rows read", "Kept", "Refused"]].tolist() == ["150", "148", "2"]
    assert (broken["column"].item(), broken["rows"].item(), broken["first_row"].item()) == ("arr", 2, 4)
    assert scenario(at).uploaded is None
    at.checkbox(key="import_go_on").check().run()
    button(at, "Use this book").click().run()
    assert len(scenario(at).uploaded) == 148


HOSTILE = ("<img src=x onerror=alert(1)>", "**bold** [link](https://example.com)", ":red[x] $x^2$ `code`", "=1+1")


def test_names_in_a_book_are_shown_as_they_are():
    accounts, team = sample_files()
    names = iter(HOSTILE)
    team_lines, account_lines = team.splitlines(), accounts.splitlines()
    csm = team_lines[0].split(",").index("csm_name")
    account = account_lines[0].split(",").index("account_name")
    segment = account_lines[0].split(",").index("segment")
    for row in range(1, 5):
        name = next(names)
        for lines, place in ((team_lines, csm), (account_lines, account), (account_lines, segment)):
            cells = lines[row].split(",")
            cells[place] = name
            lines[row] = ",".join(cells)
    at = upload_book(open_app(), "\n".join(account_lines).encode(), "\n".join(team_lines).encode())
    assert scenario(at).uploaded is not None
    for page, shown in (("people", "csm_name"), ("book", "segment"), ("book", "account_name")):
        visit(at, page)
        assert_sound(at)
        tables = [table.value for table in at.dataframe if shown in table.value]
        assert set(HOSTILE) <= set(tables[0][shown])
        rich = [*at.markdown, *at.caption, *at.metric]
        assert not [text for text in rich for name in HOSTILE if name in str(text.value)]


def test_a_plan_file_as_the_plan_in_force():
    plan = plan_preset("posthog").model_copy(update={"name": "**Ours** <b>"})
    at = open_app()
    at.sidebar.file_uploader(key="plan_file").set_value(("ours.toml", plan_to_toml(plan).encode(), "text/plain"))
    at.run().button(key="plan_file.use").click().run()
    assert scenario(at).current == plan
    assert sentence(at).startswith(UNCHANGED)
    chooser = at.sidebar.selectbox(key="current_preset")
    assert chooser.options[-1] == plan.name
    assert plan.name not in [text.value for text in (*at.markdown, *at.caption)]
    chooser.select("current_80_20").run()
    assert scenario(at).current == CURRENT


def test_a_bad_plan_file_gets_every_problem_and_nothing_is_loaded():
    text = plan_to_toml(CURRENT) + "\nbonusses = 3\n"
    at = open_app()
    at.sidebar.file_uploader(key="plan_file").set_value(("ours.toml", text.encode(), "text/plain"))
    at.run().button(key="plan_file.use").click().run()
    assert "bonusses" in complaints(at)
    assert scenario(at).current == CURRENT


def test_a_plan_file_as_the_candidate_and_back():
    plan = plan_preset("posthog").model_copy(update={"name": "**Ours** <b>"})
    at = open_app()
    at.file_uploader(key="candidate_file").set_value(("ours.toml", plan_to_toml(plan).encode(), "text/plain"))
    at.run().button(key="candidate_file.use").click().run()
    assert (scenario(at).current, scenario(at).candidate) == (CURRENT, plan)
    assert at.selectbox(key="start_from").options[-1] == plan.name
    assert not sentence(at).startswith(UNCHANGED)
    button(at, "Undo").click().run()
    assert scenario(at).candidate == CURRENT


def test_a_bad_candidate_file_leaves_the_candidate():
    at = open_app()
    at.file_uploader(key="candidate_file").set_value(("ours.toml", b"nme = 3", "text/plain"))
    at.run().button(key="candidate_file.use").click().run()
    assert "nme" in complaints(at)
    assert scenario(at).candidate == CURRENT
