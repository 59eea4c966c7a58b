"""The frontier page without a browser: every sample book, what was asked, what is offered, what cannot be."""

from __future__ import annotations

import threading

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from test_app import CURRENT, assert_sound, button, complaints, open_app, scenario, sentence, visit

from pages.parts import host
from sim.book.samples import SAMPLES
from sim.decide.frontier import tables
from sim.decide.frontier.explore import explore
from sim.decide.frontier.figures import Glimpse, Limit, usual_limit
from sim.decide.frontier.finalists import Frontier
from sim.decide.frontier.space import Move, make_space, usual
from sim.plan.levers import lever_value
from sim.plan.read import PLAN_PRESETS, plan_preset
from sim.problems import InputError
from sim.runs.setting import Setting, run
from sim.runs.spread import local_executor
from sim.world.parameters import world_preset


@pytest.fixture
def brief(monkeypatch):
    """The pages are run as scripts, so the number of plans is cut where they take the search from."""
    from sim.decide.frontier import explore as module

    whole = module.explore
    monkeypatch.setattr(
        module,
        "explore",
        lambda executor, setting, space, limit, n_plans, look: whole(executor, setting, space, limit, 30, look),
    )


def searched(at: AppTest) -> AppTest:
    button(at, "Search").click().run()
    for _ in range(6_000):
        if at.session_state["job_frontier"].ended:
            break
        threading.Event().wait(0.02)
    return at.run()


def found(at: AppTest) -> Frontier:
    assert_sound(at)
    frontier = at.session_state["job_frontier"].answer
    assert isinstance(frontier, Frontier)
    return frontier


@pytest.mark.usefixtures("brief")
@pytest.mark.parametrize("book", SAMPLES)
def test_plans_are_found_on_every_sample_book(book):
    at = visit(open_app(sample=book, months=3), "frontier")
    assert_sound(at)
    assert not at.get("vega_lite_chart")  # nothing is worked out before it is asked for
    at = searched(at)
    frontier = found(at)
    assert frontier.offers
    assert len([button for button in at.button if button.label == "Open in What if"]) == len(frontier.offers)
    assert len(at.get("vega_lite_chart")) == 2
    shown = at.dataframe[-1].value
    assert shown["plan"].tolist() == [*(offer.plan.name for offer in frontier.offers), "Plan in force"]


@pytest.mark.usefixtures("brief")
def test_one_click_makes_a_plan_the_candidate_and_undo_takes_it_back():
    at = searched(visit(open_app(), "frontier"))
    offer = found(at).offers[0]
    at.button(key="frontier_try_1").click().run()
    assert_sound(at)
    assert scenario(at).candidate == offer.plan
    assert sentence(visit(at, "what_if"))
    button(at, "Undo").click().run()
    assert scenario(at).candidate == CURRENT


@pytest.mark.usefixtures("brief")
def test_what_was_asked_and_found_is_still_there_when_the_page_is_opened_again():
    at = visit(open_app(), "frontier")
    at.button_group[0].set_value(["quarterly_at_most", "uncapped"])
    at.number_input[0].set_value(600_000.0)
    at = searched(at)
    frontier = found(at)
    for offer in frontier.offers:
        assert offer.plan.period in ("month", "quarter")
        assert lever_value(offer.plan, "retention_capped") is False
    visit(at, "people")
    visit(at, "frontier")
    assert set(at.button_group[0].value) == {"quarterly_at_most", "uncapped"}
    assert at.number_input[0].value == 600_000.0
    assert found(at) is frontier
    assert len(at.get("vega_lite_chart")) == 2
    assert not at.warning
    at.sidebar.radio(key="world").set_value("sceptic").run()
    assert "search again" in at.warning[0].value


@pytest.mark.usefixtures("brief")
def test_a_budget_that_no_plan_keeps():
    at = visit(open_app(), "frontier")
    at.number_input[0].set_value(1_000.0)
    at = searched(at)
    assert found(at).offers == ()
    told = "\n".join(text.value for text in at.markdown).replace("\\", "").replace("\u00a0", " ")
    assert "the nearest of 30 exceeds it in 100 % of trials" in told


def test_policies_that_contradict_each_other_are_told():
    at = visit(open_app(), "frontier")
    at.button_group[0].set_value(["capped", "uncapped"])
    button(at, "Search").click().run()
    assert "leave no value" in complaints(at)
    assert "job_frontier" not in at.session_state


def test_a_cluster_that_is_none_is_told_in_a_sentence():
    at = open_app()
    at.sidebar.text_input(key="cluster").set_value("my cluster").run()
    at = searched(visit(at, "frontier"))
    assert "must be the address of a Dask scheduler, like tcp://10.0.0.5:8786 (got 'my cluster')" in complaints(at)


@pytest.mark.usefixtures("brief")
def test_where_others_use_the_app_only_the_host_names_a_cluster(monkeypatch):
    monkeypatch.setattr(host, "on_this_machine", lambda: False)
    at = open_app()
    at.secrets = {"auth": {"redirect_uri": "-"}, "access": {"roles": {"p@b.com": "planner"}}}
    at.user = {"is_logged_in": True, "email": "p@b.com"}
    at.run()
    assert at.sidebar.radio and "cluster" not in [field.key for field in at.sidebar.text_input]
    at.secrets["cluster"] = {"address": "of the host"}
    at.run()
    at.sidebar.toggle(key="on_cluster").set_value(True).run()
    at = searched(visit(at, "frontier"))
    assert "(got 'of the host')" in complaints(at)


@pytest.mark.usefixtures("brief")
def test_the_search_may_start_from_the_candidate():
    at = visit(open_app(candidate=plan_preset("posthog")), "frontier")
    at.selectbox(key="frontier_start").select("Candidate").run()
    at = searched(at)
    for offer in found(at).offers:
        assert [part.measure for part in offer.plan.components] == ["net_retention"]


@pytest.mark.parametrize("preset", PLAN_PRESETS)
def test_the_page_opens_for_every_plan_in_force(preset):
    assert_sound(visit(open_app(current=plan_preset(preset)), "frontier"))


# --- its tables -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def frontier() -> Frontier:
    from sim.book.samples import load_sample

    setting = Setting(load_sample("startup"), CURRENT, world_preset("base"), trials=256)
    limit = usual_limit(run(setting, CURRENT).plan_cost)
    with local_executor() as executor:
        return explore(executor, setting, make_space(CURRENT, usual(CURRENT)), limit, 100)


def test_a_table_of_levers_asks_for_what_it_shows():
    moves = (Move("variable_share", 0.15, 0.3), Move("period", allowed=("month", "quarter", "half", "year")))
    table = tables.move_table(CURRENT, moves)
    assert tables.moves_of(CURRENT, table) == list(moves)
    shown = table.set_index("name").loc["variable_share"]
    assert (shown["low"], shown["high"], shown["unit"], shown["now"]) == (15.0, 30.0, "%", "20 %")
    table.loc[table["name"] == "variable_share", "high"] = None
    with pytest.raises(InputError, match="Variable pay: needs both ends"):
        tables.moves_of(CURRENT, table)


def test_the_cloud_is_small_and_holds_every_leader(frontier):
    glimpse = Glimpse(frontier.screened.tries, frontier.screened.tried * 20, frontier.screened.now)
    points = tables.cloud(glimpse, frontier.limit)
    within = [item.figures for item in frontier.screened.tried if item.figures.over <= frontier.limit.most_over]
    leaders = points[points["part"] == "leader"]
    assert len(points) - len(leaders) <= tables.DOTS
    assert leaders["gap"].min() == min(figures.pay_gap for figures in within)
    assert leaders["cost"].min() == pytest.approx(min(f.cost_p90 for f in within) - frontier.screened.now.cost_p90)
    assert tables.cloud(Glimpse(0, (), frontier.screened.now), Limit(1.0, 0.1)).empty


def test_the_table_of_offers_adds_up(frontier):
    table = tables.offer_table(frontier)
    assert isinstance(table, pd.DataFrame)
    for row, offer in zip(table.itertuples(), frontier.offers, strict=False):
        assert row.retained_arr - frontier.fresh.retained_arr == pytest.approx(offer.retained.mean)
        assert row.cost_p90 - frontier.fresh.cost_p90 == pytest.approx(row.cost_p90_change)
    points = tables.offer_points(frontier)
    assert points["label"].tolist() == [*(str(row + 1) for row in range(len(frontier.offers))), "Plan in force"]
    assert points["arr"].tolist()[:-1] == pytest.approx(table["retained_change"].tolist()[:-1])


def test_sentences_say_what_the_figures_say(frontier):
    best = max(frontier.offers, key=lambda offer: offer.retained.mean)
    text = tables.finding(frontier)
    assert text.startswith(f"{len(frontier.offers)} plans out of 100 that no other beats")
    assert ("more ARR than today" in text) == (best.retained.mean > 0.0)
    assert "on fresh luck it is" in tables.luck_in_words(frontier)
