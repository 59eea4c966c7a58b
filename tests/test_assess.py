"""Assess: files of actuals, what was promised, surprise, the rest of the year, and differences in differences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, norm, t, ttest_ind

from sim.book.samples import load_sample
from sim.decide.assess.actuals import Actuals, actuals, read_actuals, template, to_table, until
from sim.decide.assess.condition import FEWEST, condition
from sim.decide.assess.effect import Effect, Gap, effect_sentence, effect_table, effects
from sim.decide.assess.figures import COLUMNS, FIGURES, NET
from sim.decide.assess.groups import MOST_TACTICS, example_groups, read_groups, to_file
from sim.decide.assess.next_steps import MOST, at_percentile, next_steps
from sim.decide.assess.picture import HAPPENED, HEADING, PROMISED, fan_table, strip_finding
from sim.decide.assess.promise import Promise, month_table, percentile, promised, standings, year_of
from sim.decide.assess.surprise import RARE, reasons, surprise, verdict
from sim.engine.outcome import Outcome
from sim.engine.run import set_stage, simulate
from sim.plan.read import plan_preset
from sim.problems import InputError
from sim.share.tables import to_csv
from sim.world.parameters import world_preset

PLAN = plan_preset("current_80_20")
TRIALS, YEARS = 512, 200
SURE = 1e-4
"""Chance that one right interval fails its bounds by luck."""


@cache
def outcome() -> Outcome:
    stage = set_stage(load_sample("startup"), PLAN, world_preset("base"), seed=7, trials=TRIALS + YEARS)
    return simulate(stage, PLAN)


@cache
def promise() -> Promise:
    """Of the first trials; the others are the years that happen."""
    whole = promised(outcome())
    return Promise(whole.names, whole.monthly[:, :, :TRIALS])


def year(number: int) -> Actuals:
    return year_of(promised(outcome()), TRIALS + number)


def refusal(call: Callable[..., object], *arguments: object) -> str:
    with pytest.raises(InputError) as caught:
        call(*arguments)
    return str(caught.value)


# --- files ------------------------------------------------------------------------------------------------------


def read(text: str, horizon: int = 12, first: date = date(2026, 3, 1)) -> Actuals:
    return read_actuals(text.encode(), "actuals.csv", first, horizon)


def xlsx(table: pd.DataFrame) -> bytes:
    file = BytesIO()
    table.to_excel(file, index=False, engine="xlsxwriter")
    return file.getvalue()


def parquet(table: pd.DataFrame) -> bytes:
    file = BytesIO()
    table.to_parquet(file)
    return file.getvalue()


@pytest.mark.parametrize("written", [to_csv, xlsx, parquet])
def test_actuals_come_back_from_every_kind_of_file(written):
    known = until(year(0), 5)
    found = read_actuals(written(to_table(known)), "actuals", date(2026, 1, 1), 12)
    assert found.names == known.names == (NET, *(figure.name for figure in COLUMNS))
    np.testing.assert_allclose(found.values, known.values, rtol=1e-12)


@pytest.mark.parametrize(
    "months",
    ["1,2,3", "3,1,2", "2026-03,2026-04,2026-05", "2026-05-31,2026-03-01,2026-04-15", "Mar 2026,Apr 2026,May 2026"],
)
def test_months_are_counted_or_those_of_the_calendar_in_any_order(months):
    rows = "\n".join(f"{month},{100 + place}" for place, month in enumerate(months.split(",")))
    found = read(f"Month,Upsell\n{rows}\n")
    assert found.names == ("upsell",)
    place = {"3,1,2": [101, 102, 100], "2026-05-31,2026-03-01,2026-04-15": [101, 102, 100]}.get(months, [100, 101, 102])
    assert found.values.tolist() == [place]


def test_net_change_needs_all_that_it_is_made_of():
    text = 'month,churned_arr,contraction,uplift,upsell,cross_sell\n1,$50,5,7,"1,100",30\n'
    found = read(text)
    assert (found.names[0], found.values[0, 0]) == (NET, 7 + 1_100 + 30 - 50 - 5)
    assert NET not in read("month,churned_arr,contraction,uplift,upsell\n1,50,5,7,100\n").names


def test_everything_that_is_wrong_is_said_at_once():
    said = refusal(read, "month,churned_arr,accounts_lost\n1,-5,0.5\n3,,2\n3,many,1\n14,1,1\n")
    for part in (
        "row 2, churned_arr: must be from 0 to",
        "row 2, accounts_lost: must be a whole number",
        "row 3, churned_arr: must not be empty; write 0",
        "row 4, churned_arr: must be an amount",
        "row 4, month: must stand once",
        "row 5, month: must be a month from 1 to 12",
        "month: must follow one another from the first on",
        "no month 2",
    ):
        assert part in said
    assert "must be a month from 1 to 12" in refusal(read, "month,upsell\n2026-02,1\n")
    assert "row 2, month: " in refusal(read, "month,upsell\nsoon,1\n")
    assert "month: is a required column" in refusal(read, "upsell\n1\n")
    assert "one of the columns churned_arr" in refusal(read, "month,mood\n1,2\n")
    assert "write 'upsell'" in refusal(read, "month,upsel,churned_arr\n1,2,3\n")
    assert "smaller than 2 MB" in refusal(read_actuals, b"x" * 2_000_001, "a.csv", date(2026, 1, 1), 12)
    assert "101 rows" in refusal(read, "month,upsell\n" + "1,1\n" * 101)
    assert "is a PDF" in refusal(read_actuals, b"%PDF-1.4", "a.csv", date(2026, 1, 1), 12)


def test_the_template_is_refused_only_because_it_is_empty():
    said = refusal(read_actuals, to_csv(template(3)), "t.csv", date(2026, 1, 1), 3)
    assert said.count("must not be empty; write 0") == 3 * len(COLUMNS) == len(said.splitlines())


# --- what was promised ------------------------------------------------------------------------------------------


def test_the_figures_are_those_of_the_simulation():
    made, known = promise(), outcome()
    total = {name: made.monthly[row].sum(axis=0) for row, name in enumerate(made.names)}
    np.testing.assert_allclose(total["variable_pay"], known.variable_pay[:TRIALS])
    np.testing.assert_allclose(total["churned_arr"] + total["contraction"], known.lost_arr[:TRIALS])
    np.testing.assert_allclose(total["upsell"] + total["cross_sell"], known.expansion_arr[:TRIALS])
    np.testing.assert_allclose(known.opening_arr + total[NET], known.closing_arr[:TRIALS])
    np.testing.assert_array_equal(total["accounts_lost"], known.total("accounts_lost")[:TRIALS])
    assert made.names == tuple(figure.name for figure in FIGURES)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30), st.integers(-1, 5))
def test_percentiles_are_mid_ranks(trials, actual):
    """By counting; and those of the trials themselves are one half on average, ties or not."""
    values = np.array(trials, dtype=float)
    expected = sum(1.0 if one < actual else 0.5 if one == actual else 0.0 for one in trials) / len(trials)
    assert percentile(np.float64(actual), values) == pytest.approx(expected)
    assert percentile(values, np.tile(values, (len(values), 1))).mean() == pytest.approx(0.5)


def test_standings_and_months_tell_the_same():
    known = until(year(3), 4)
    rows = month_table(promise(), known)
    last = rows[rows["month"] == 4].set_index("figure")
    inside = [one.inside for one in standings(promise(), known)]
    assert strip_finding(standings(promise(), known)).startswith(f"{sum(inside)} of {len(inside)} figures")
    for one in standings(promise(), known):
        row = last.loc[one.name]
        assert (one.actual, one.low, one.middle, one.high, one.percentile) == pytest.approx(
            tuple(row[[f"{name}_to_date" for name in ("actual", "p10", "p50", "p90", "percentile")]])
        )
    assert len(rows) == 4 * len(FIGURES)
    assert rows["actual"].to_numpy() == pytest.approx(known.values.ravel())


# --- over 200 years that the model draws itself -----------------------------------------------------------------


def covered(low: np.ndarray, high: np.ndarray, value: np.ndarray) -> np.ndarray:
    """An end that is met counts half: of whole accounts, many meet it."""
    return ((low < value) & (value < high)) + ((low == value) | (high == value)) / 2.0


@cache
def updates(months: int):
    return [condition(promise(), until(year(number), months)) for number in range(YEARS)]


LEAST, MOST_COVERED = binom.ppf([SURE / 2, 1 - SURE / 2], YEARS, 0.8) / YEARS
"""Bounds of a coverage that is 80 %."""


def test_promised_intervals_cover_at_their_level():
    totals = np.array([year(number).to_date for number in range(YEARS)])
    low, high = np.quantile(promise().to_date, (0.1, 0.9), axis=-1)
    share = covered(low, high, totals).mean(axis=0)[:, [2, 5, 11]]
    smooth = share[[place for place, name in enumerate(promise().names) if name != "variable_pay"]]
    assert ((smooth >= LEAST) & (smooth <= MOST_COVERED)).all(), share
    assert (share >= LEAST).all()


@pytest.mark.parametrize("months", [4, 8])
def test_updated_intervals_cover_at_their_level_and_are_narrower(months):
    totals = np.array([year(number).to_date[:, -1] for number in range(YEARS)])
    ends = np.array([update.to_date[:, :, -1] for update in updates(months)])
    share = covered(ends[:, 0], ends[:, 2], totals).mean(axis=0)
    assert ((share >= LEAST) & (share <= MOST_COVERED)).all(), share
    before = np.diff(np.quantile(promise().to_date[:, -1], (0.1, 0.9), axis=-1), axis=0)[0]
    assert ((ends[:, 2] - ends[:, 0]).mean(axis=0) < (0.95 if months == 4 else 0.8) * before).all()
    assert np.mean([update.alike for update in updates(months)]) > 0.9


def test_the_model_is_surprised_by_itself_as_seldom_as_it_says():
    found = [surprise(promise(), until(year(number), 6)) for number in range(YEARS)]
    for chances in ([one.often for one in found], [one.far for one in found]):
        for level in (0.05, 0.2, 0.5):
            assert (np.array(chances) <= level).sum() <= binom.ppf(1 - SURE, YEARS, level)
    assert sum(one.surprised for one in found) <= binom.ppf(1 - SURE, YEARS, RARE)
    assert min(one.far for one in found) < 0.1  # they do differ


# --- surprise ---------------------------------------------------------------------------------------------------


def test_the_rank_is_exact_when_months_hang_together():
    """One shock moves all months: the count of outsiders is all or nothing, and a binomial would be wrong about it."""
    rng = np.random.default_rng(1)
    shocks = rng.normal(size=400)
    trials = np.repeat(shocks[None, None, :], 12, axis=1) + 0.01 * rng.normal(size=(1, 12, 400))
    made = Promise(("upsell",), trials)
    odd = [surprise(Promise(("upsell",), np.delete(trials, k, axis=2)), year_of(made, k)) for k in range(400)]
    chances = np.array([one.often for one in odd])
    assert binom.sf(10, 12, 0.2) < 1e-5  # what independence says of a year with eleven outside
    assert np.mean([one.outside > 10 for one in odd]) > 0.15
    assert (chances <= 0.05).mean() <= 0.05
    # The ranks of all years among each other: no level is passed more often than it says.
    for level in np.linspace(0.01, 1.0, 34):
        assert (chances <= level + 1e-9).mean() <= level + 1e-9


def test_a_year_unlike_the_model_is_a_surprise_and_says_of_what():
    usual = until(year(1), 6)
    churn = usual.names.index("churned_arr")
    values = usual.values.copy()
    values[churn] *= 4.0
    odd = surprise(promise(), replace(usual, values=values))
    assert odd.surprised and odd.far < 0.01 and odd.farthest == "churned_arr"
    assert "more than a year should" in verdict(odd) != verdict(surprise(promise(), usual))
    assert reasons(odd).startswith(f"{odd.outside} of {odd.figures} monthly figures")
    assert "Churned ARR is the figure to date that is farthest out" in reasons(odd)


# --- the rest of the year ---------------------------------------------------------------------------------------


def test_what_has_happened_is_certain():
    known = until(year(2), 7)
    update = condition(promise(), known)
    assert (update.to_date[:, :, :7] == known.to_date).all()
    assert (np.diff(update.to_date, axis=0) >= -1e-9).all()
    whole = condition(promise(), year(2))
    assert (whole.to_date == year(2).to_date).all()
    assert (update.to_date[:, 1:, 7:] >= known.to_date[1:, -1:] - 1e-9).all()  # no loss is undone
    alone = condition(promise(), Actuals(("upsell",), known.values[[4]]))
    assert alone.names == ("upsell",) and alone.to_date.shape == (3, 1, 12)


def test_the_fan_starts_at_nothing_and_goes_on_where_the_year_is():
    known = until(year(2), 7)
    parts = dict(iter(fan_table(promise(), known, condition(promise(), known), "upsell").groupby("kind")))
    so_far, ahead, before = (parts[kind].set_index("month") for kind in (HAPPENED, HEADING, PROMISED))
    assert (so_far.index[-1], ahead.index[0], before.index[-1], ahead.index[-1]) == (7, 7, 12, 12)
    assert so_far.loc[0, "middle"] == before.loc[0, "high"] == 0.0
    row = known.names.index("upsell")
    assert so_far.loc[7, "middle"] == ahead.loc[7, "low"] == ahead.loc[7, "high"] == known.to_date[row, -1]


def test_a_normal_year_is_conditioned_as_in_the_textbook():
    """Two halves with correlation r: the second given the first is normal with mean r x and variance 1 - r^2."""
    rng, r, seen = np.random.default_rng(2), 0.8, 1.2
    first = rng.normal(size=4_000)
    second = r * first + np.sqrt(1 - r**2) * rng.normal(size=4_000)
    made = Promise((NET,), np.array([[first, second]]))
    update = condition(made, Actuals((NET,), np.array([[seen]])))
    expected = seen + r * seen + np.sqrt(1 - r**2) * norm.ppf([0.1, 0.5, 0.9])
    np.testing.assert_allclose(update.to_date[:, 0, 1], expected, atol=0.06)
    assert update.alike
    assert FEWEST < update.effective < 4_000


def test_a_year_like_none_gets_the_wider_answer():
    usual = until(year(4), 6)
    values = usual.values.copy()
    values[usual.names.index("churned_arr")] *= 8.0
    odd = condition(promise(), actuals(usual.names[1:], values[1:]))
    assert not odd.alike and odd.effective < FEWEST
    rest = promise().monthly[:, 6:].sum(axis=1)
    low, high = np.quantile(rest, (0.1, 0.9), axis=1)
    ends = odd.to_date[:, :, -1] - odd.to_date[:, :, 5]
    # Weighted quantiles and NumPy's differ by less than a trial.
    assert (ends[0] <= low + 0.02 * (high - low)).all() and (ends[2] >= high - 0.02 * (high - low)).all()


def test_pay_in_a_month_in_which_none_is_ever_paid_resembles_nothing():
    known = until(year(5), 2)
    values = known.values.copy()
    assert (values[-1] == 0).all()
    values[-1, 1] = 1_000.0
    update = condition(promise(), replace(known, values=values))
    assert update.effective == 0.0 and not update.alike
    assert condition(promise(), known).effective > 0.0


@pytest.mark.parametrize("trials", [1, 2, 60])
def test_few_trials_do_not_break_it(trials):
    made = Promise(promise().names, promise().monthly[:, :, :trials])
    update = condition(made, until(year(0), 3))
    assert np.isfinite(update.to_date).all()
    assert update.alike <= (trials >= FEWEST)
    assert 0 < surprise(made, until(year(0), 3)).far <= 1


# --- difference in differences ----------------------------------------------------------------------------------

TWO_BY_TWO = """unit,group,period,value
A,changed,before,10
A,changed,after,18
B,changed,before,12
B,changed,after,16
C,unchanged,before,9
C,unchanged,after,10
D,unchanged,before,11
D,unchanged,after,14
"""


def groups(text: str) -> pd.DataFrame:
    return read_groups(text.encode(), "groups.csv")


def one(table: pd.DataFrame) -> Effect:
    (found,) = effects(table)
    return found


def test_two_by_two_by_hand():
    """Differences 8 and 4, against 1 and 3: 6 - 2 = 4; each mean has variance 4 (8/2) and 1 (2/2), so Welch's is 5."""
    found = one(groups(TWO_BY_TWO))
    assert (found.before, found.after) == ((11.0, 10.0), (17.0, 12.0))
    assert (found.gap.mean, found.gap.error) == pytest.approx((4.0, np.sqrt(5.0)))
    freedom = 5.0**2 / (4.0**2 + 1.0**2)
    assert found.gap.high == pytest.approx(4.0 + t.ppf(0.975, freedom) * np.sqrt(5.0))
    assert found.trend is None and not found.gap.clear
    assert found.detectable == pytest.approx(2.8 * np.sqrt(5.0))
    assert "cannot be told from nothing: +4.0 a unit" in effect_sentence(found)
    assert "fewer than 10 units" in effect_sentence(found)
    assert effect_table([found])["effect"].tolist() == [4.0]


def panel(rng: np.random.Generator, units: int, effect: float, trend: float = 0.0, periods: int = 3) -> pd.DataFrame:
    """Half changed at period 0; units differ, and their errors hang together over time."""
    changed = np.arange(units) % 2 == 0
    rows = []
    level, shock = rng.normal(size=units), np.zeros(units)
    for period in range(-periods, periods):
        shock = 0.8 * shock + rng.normal(size=units) * np.where(changed, 2.0, 1.0)
        value = level + shock + 0.3 * period + changed * (effect * (period >= 0) + trend * period)
        rows.append(pd.DataFrame({"unit": range(units), "changed": changed, "period": period, "value": value}))
    return pd.concat(rows).astype({"unit": str}).assign(tactic="QBR")


def test_it_is_the_regression_with_errors_clustered_by_unit():
    """The long form by least squares: the same effect, and the same variance but for the small-sample factor."""
    table = panel(np.random.default_rng(3), 24, 1.0)
    found = one(table)
    means = (
        table.assign(after=table["period"] >= 0).groupby(["unit", "changed", "after"], as_index=False)["value"].mean()
    )
    means = means.assign(changed=means["changed"].astype(float), after=means["after"].astype(float))
    options = {"groups": means["unit"].astype(int), "use_correction": False}
    fit = smf.ols("value ~ changed * after", means).fit(cov_type="cluster", cov_kwds=options)
    assert found.gap.mean == pytest.approx(fit.params["changed:after"])
    assert found.gap.error == pytest.approx(fit.bse["changed:after"] * np.sqrt(12 / 11))
    moved = means.pivot(index="unit", columns="after", values="value")
    moved = (moved[1.0] - moved[0.0]).to_numpy()
    changed = means.groupby("unit")["changed"].first().to_numpy(bool)
    interval = ttest_ind(moved[changed], moved[~changed], equal_var=False).confidence_interval(0.95)
    assert (found.gap.low, found.gap.high) == pytest.approx((interval.low, interval.high))


def test_intervals_hold_the_effect_as_often_as_they_say():
    rng, tables = np.random.default_rng(4), 80
    found = [one(panel(rng, 16, 0.7, periods=2)) for _ in range(tables)]
    hits = sum(each.gap.low <= 0.7 <= each.gap.high for each in found)
    assert binom.ppf(SURE / 2, tables, 0.95) <= hits <= binom.ppf(1 - SURE / 2, tables, 0.95)
    assert sum(not each.trend.clear for each in found) >= binom.ppf(SURE, tables, 0.95)


def test_groups_that_moved_apart_before_are_told():
    found = one(panel(np.random.default_rng(5), 40, 0.0, trend=3.0))
    assert found.trend is not None and found.trend.clear
    assert "moved apart before the change already" in effect_sentence(found)


def test_several_tactics_share_the_level():
    table = panel(np.random.default_rng(6), 20, 1.0)
    alone = one(table)
    two = effects(pd.concat([table, table.assign(tactic="EBR")]))
    assert [each.tactic for each in two] == ["QBR", "EBR"]
    assert two[0].gap.mean == alone.gap.mean and two[0].gap.high > alone.gap.high
    same = effects(table, level=1 - 0.05 / 2)[0].gap
    assert two[1].gap == pytest.approx(same)


def test_what_is_wrong_with_a_table_of_groups_is_said_at_once():
    bad = "unit,group,period,value\nA,changed,-1,x\n,both,sometime,\nB,unchanged,0,1\n"
    said = refusal(groups, bad)
    for part in (
        "row 2, value: must be an amount",
        "row 3, unit: must not be empty",
        "row 3, group: must be changed or unchanged",
        "row 3, period: must be before or after",
        "row 3, value: must not be empty",
    ):
        assert part in said
    assert "two changed and two unchanged" in refusal(groups, TWO_BY_TWO.replace("\nD,", "\nC,"))
    mixed = TWO_BY_TWO.replace("A,changed,after", "A,unchanged,after")
    assert "the same in all rows of a unit" in refusal(groups, mixed)
    twice = TWO_BY_TWO.replace("before", "-1").replace("after", "0") + "D,unchanged,0,14\n"
    assert "must stand once for a unit" in refusal(groups, twice)
    assert "unit: is a required column" in refusal(groups, "group,period,value\nchanged,before,1\n")
    many = "tactic," + TWO_BY_TWO + "".join(f"T{k},A,changed,after,1\n" for k in range(MOST_TACTICS + 1))
    assert f"at most {MOST_TACTICS} tactics" in refusal(groups, many)
    assert "smaller than 5 MB" in refusal(read_groups, b"x" * 5_000_001, "g.csv")


def test_the_example_is_read_as_it_was_made():
    table = example_groups(outcome(), outcome())
    again = read_groups(to_csv(to_file(table)), "example.csv")
    assert again["changed"].tolist() == table["changed"].tolist()
    np.testing.assert_allclose(again["value"], table["value"])
    found = one(table)
    assert found.changed + found.unchanged == len(outcome().csm_ids)


# --- what to do next --------------------------------------------------------------------------------------------


def steps(known: Actuals, found: list[Effect] | None = None):
    return next_steps(standings(promise(), known), surprise(promise(), known), condition(promise(), known), found or [])


def middle_year(months: int) -> Actuals:
    middle = np.median(promise().to_date[1:, :months], axis=2)
    return Actuals(promise().names[1:], np.diff(middle, prepend=0.0))


def test_a_year_as_promised_changes_nothing():
    first, last = steps(middle_year(6))
    assert first.do.startswith("Leave the plan as it is")
    assert "percentile" in first.why
    assert at_percentile(0.004) == "below the 1st percentile" and at_percentile(1.0) == "above the 99th percentile"
    assert [at_percentile(share).split()[2] for share in (0.01, 0.12, 0.63)] == ["1st", "12th", "63rd"]
    assert last.do.startswith("Watch churned ARR") and "80 %: $" in last.why
    assert len(steps(middle_year(12))) == 1


def test_a_wrong_model_comes_first_and_losses_by_dollars():
    known = middle_year(6)
    values = known.values.copy()
    values[known.names.index("churned_arr")] *= 3.0
    values[known.names.index("contraction")] *= 2.0
    values[known.names.index("upsell")] *= 1.3  # good: nothing to do
    found = steps(replace(known, values=values))
    assert "why churned ARR is not as simulated" in found[0].do
    assert "wider range" in found[1].do
    named = [one.why.split(" to date")[0] for one in found[2:4]]
    assert named == ["Churned ARR", "Contraction"]
    assert "the year heads for $" in found[2].why
    assert len(found) <= MOST


def test_tactics_are_judged_by_their_interval():
    def tried(name: str, low: float, trend: Gap | None = None) -> Effect:
        return Effect(name, 20, 20, 0, (0, 0), (0, 0), Gap(1.0, low, 2.0, 0.5), 1.4, trend)

    moving = Gap(1.0, 0.5, 1.5, 0.2)
    found = steps(middle_year(6), [tried("EBR", -0.1), tried("QBR", 0.2), tried("CTA", 0.2, moving)])
    assert [step.do.split(" ")[0] for step in found] == ["Leave", "Decide", "Compare", "Go", "Watch"]
    assert "QBR" in found[1].do and "+1.00 a unit" in found[1].why
