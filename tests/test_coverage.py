"""Journey coverage: matrices with known findings, what must hold of any, prices by hand, and spreadsheets."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odd_files import workbook as odd_workbook
from strategies import book_of

from sim.book.samples import load_sample
from sim.decide.coverage import rules
from sim.decide.coverage.cost import LOST_AT_HAND_OVER, priced
from sim.decide.coverage.example import EXAMPLE
from sim.decide.coverage.less import Less, with_less
from sim.decide.coverage.matrix import ARR_KINDS, Cell, Coverage, Pay, Stage, Team
from sim.decide.coverage.picture import PAID, PROBLEM, UNPAID, cell_table, finding_table, headline
from sim.decide.coverage.reshape import reshaped
from sim.decide.coverage.table import from_table, read_coverage, to_table
from sim.decide.coverage.year import Year, unpaid, year_of
from sim.engine.compile import compile_plan
from sim.engine.outcome import Outcome
from sim.engine.run import Stage as EngineStage
from sim.engine.run import set_stage, simulate
from sim.plan.read import PLAN_PRESETS, plan_preset
from sim.plan.schema import Plan
from sim.problems import InputError
from sim.roles.part import SUPPORT
from sim.share.tables import to_csv
from sim.share.take.stamp import Stamp
from sim.share.take.workbook import Sheet, workbook
from sim.world.parameters import world_preset

STAMP = Stamp(1, 64, 12, "1", date(2026, 1, 1), "0" * 64, "sample", "full")
HALF = Pay("share", 0.5)
OVER = Pay("commission", 0.01)


def one_stage(arr: str = "renewals", **cells: Cell) -> Coverage:
    """A matrix of one stage, `Stage`, with a cell for each team by its name; `CSM` is simulated."""
    teams = tuple(Team(name, None if name == "CSM" else 100_000.0, name == "CSM") for name in cells)
    return Coverage((Stage("Stage", arr),), teams, (tuple(cells.values()),))


def told(coverage: Coverage) -> set[tuple[str, str, frozenset[str]]]:
    return {(one.rule, one.stage, frozenset(one.teams)) for one in rules.findings(coverage)}


# --- the rules -----------------------------------------------------------------------------------------------------

OWNER = Cell("RA", HALF)
TWO_STAGES = Coverage(
    (Stage("One"), Stage("Two", "renewals")),
    (Team("A"), Team("B")),
    ((Cell("RA", HALF), Cell("", HALF)), (Cell("RA", HALF), Cell("I", HALF))),
)
CORPUS = {
    "sound": (one_stage(A=OWNER, B=Cell("C"), C=Cell("I")), set()),
    "the one depended on is paid": (one_stage(A=Cell("RA", HALF, ("B",)), B=Cell("", HALF)), set()),
    "nobody at all": (one_stage(A=Cell("C"), B=Cell("I")), {(rules.NO_OWNER, ())}),
    "hands but no owner": (one_stage(A=Cell("R", HALF), B=Cell("R")), {(rules.NO_OWNER, ("A", "B"))}),
    "two owners": (one_stage(A=OWNER, B=Cell("A", HALF)), {(rules.TWO_OWNERS, ("A", "B"))}),
    "unpaid owner": (one_stage(A=Cell("RA"), B=Cell("C")), {(rules.UNPAID_OWNER, ("A",))}),
    "two owners, one unpaid": (
        one_stage(A=OWNER, B=Cell("A")),
        {(rules.TWO_OWNERS, ("A", "B")), (rules.UNPAID_OWNER, ("B",))},
    ),
    "depends on the unpaid": (one_stage(A=Cell("RA", HALF, ("B",)), B=Cell("C")), {(rules.HIDDEN, ("A", "B"))}),
    "the hands are unpaid": (one_stage(A=Cell("A", HALF), B=Cell("R")), {(rules.HIDDEN, ("A", "B"))}),
    "only owners' dependencies hide": (one_stage(A=OWNER, B=Cell("C", None, ("C",)), C=Cell("")), set()),
    "paid bystander": (one_stage(A=OWNER, B=Cell("I", Pay("commission", 0.02))), {(rules.OVERLAP, ("B",))}),
    "crowd": (one_stage(A=OWNER, B=Cell("R", HALF), C=Cell("R", HALF)), {(rules.CROWD, ("A", "B", "C"))}),
}


@pytest.mark.parametrize("name", CORPUS)
def test_known_findings(name):
    coverage, expected = CORPUS[name]
    assert told(coverage) == {(rule, "Stage", frozenset(teams)) for rule, teams in expected}


def test_a_team_paid_for_what_others_do():
    overlaps = {(rules.OVERLAP, stage, frozenset("B")) for stage in ("One", "Two")}
    assert told(TWO_STAGES) == overlaps | {(rules.PAID_FOR_OTHERS, "", frozenset("B"))}
    works = replace(TWO_STAGES, cells=(TWO_STAGES.cells[0], (Cell("RA", HALF), Cell("R", HALF))))
    assert told(works) == {(rules.OVERLAP, "One", frozenset("B"))}
    own = Coverage(
        (*TWO_STAGES.stages, Stage("Three")), TWO_STAGES.teams, (*TWO_STAGES.cells, (Cell(), Cell("RA", OVER)))
    )
    assert told(own) == overlaps  # paid for work of its own besides


def test_the_example_has_its_three_problems():
    assert told(EXAMPLE) == {
        (rules.HIDDEN, "Activation and onboarding", frozenset({"Onboarding", "Support"})),
        (rules.NO_OWNER, "First use and ramp-up", frozenset({"CSM", "Onboarding"})),
        (rules.OVERLAP, "Renewal", frozenset({"Sales"})),
    }
    shown = cell_table(EXAMPLE, rules.findings(EXAMPLE)).set_index(["stage", "team"])
    assert shown.loc[("Renewal", "Sales")].tolist() == ["I $", PROBLEM]
    assert shown.loc[("Renewal", "CSM")].tolist() == ["RA $", PAID]
    assert shown.loc[("Renewal", "Support")].tolist() == ["I", UNPAID]
    assert (shown.loc["First use and ramp-up", "kind"] == PROBLEM).all()
    assert shown.loc[("Activation and onboarding", "Onboarding"), "kind"] == PAID
    assert (shown["kind"] == PROBLEM).sum() == 8


NAMES = st.text(
    st.characters(categories=("L", "N", "S"), include_characters=" =+-@'&<>[]()*_,.#:!"), min_size=1, max_size=6
)
NAMES = NAMES.map(lambda name: f"{name}.".strip().lstrip("'")).filter(str.isprintable)
LETTER_SETS = st.sampled_from(["", "R", "A", "RA", "C", "I", "RC", "AI"])
PAYS = st.one_of(
    st.none(),
    st.builds(Pay, st.sampled_from(["commission", "quota relief"]), st.integers(1, 1000).map(lambda n: n / 1000)),
    st.integers(1, 50).map(lambda n: Pay("share", n / 1000)),
)


@st.composite
def matrices(draw: st.DrawFn) -> Coverage:
    stages = draw(st.lists(NAMES, min_size=1, max_size=3, unique_by=str.casefold))
    teams = draw(st.lists(NAMES, min_size=1, max_size=4, unique_by=str.casefold))
    simulated = draw(st.integers(0, len(teams)))  # none of them when beyond the last

    def cell(team: str) -> Cell:
        others = [name for name in teams if name != team]
        listed = draw(st.lists(st.sampled_from(others), unique=True, max_size=2)) if others else []
        return Cell(draw(LETTER_SETS), draw(PAYS), tuple(listed))

    amounts = st.none() | st.integers(0, 10**9).map(float)
    return Coverage(
        tuple(Stage(name, draw(st.sampled_from(ARR_KINDS))) for name in stages),
        tuple(
            Team(name, None if place == simulated else draw(amounts), place == simulated)
            for place, name in enumerate(teams)
        ),
        tuple(tuple(cell(team) for team in teams) for _ in stages),
    )


@given(matrices())
def test_a_stage_without_an_owner_and_one_with_two_are_always_found(coverage):
    found = rules.findings(coverage)
    for stage, by in coverage.rows():
        owners = sum("A" in cell.letters for cell in by.values())
        here = [one.rule for one in found if one.stage == stage.name]
        assert (rules.NO_OWNER in here) == (owners == 0)
        assert (rules.TWO_OWNERS in here) == (owners > 1)
        assert here.count(rules.UNPAID_OWNER) == sum("A" in c.letters and c.pay is None for c in by.values())


@given(matrices(), st.data())
def test_a_complete_matrix_whose_pay_fits_has_no_findings(coverage, data):
    """Any matrix, put in order: one owner, paid; at most one hand beside it; paid are they and whom they depend on."""
    n = len(coverage.teams)
    cells = []
    for row in coverage.cells:
        owner, hand = data.draw(st.integers(0, n - 1)), data.draw(st.integers(0, n - 1))
        letters = ["RA" if place == owner else "R" if place == hand else "C" for place in range(n)]
        listed = {name for place in {owner, hand} for name in row[place].depends_on}
        paid = [letters[place] != "C" or team.name in listed for place, team in enumerate(coverage.teams)]
        cells.append(
            tuple(
                Cell(letters[place], Pay("share", 0.1) if paid[place] else None, row[place].depends_on)
                for place in range(n)
            )
        )
    assert rules.findings(replace(coverage, cells=tuple(cells))) == []


@given(matrices(), st.randoms(use_true_random=False))
def test_the_order_of_stages_and_teams_does_not_matter(coverage, random):
    rows, columns = list(range(len(coverage.stages))), list(range(len(coverage.teams)))
    random.shuffle(rows)
    random.shuffle(columns)
    shuffled = Coverage(
        tuple(coverage.stages[row] for row in rows),
        tuple(coverage.teams[column] for column in columns),
        tuple(tuple(coverage.cells[row][column] for column in columns) for row in rows),
    )
    assert told(shuffled) == told(coverage)
    same = reshaped(
        coverage,
        [(row, coverage.stages[row]) for row in rows],
        [(column, coverage.teams[column]) for column in columns],
    )
    assert same == shuffled


# --- what is no matrix ---------------------------------------------------------------------------------------------


def test_everything_wrong_with_a_matrix_is_said_at_once():
    with pytest.raises(InputError) as caught:
        Coverage(
            (Stage("One"), Stage("one"), Stage("")),
            (Team("A", 5.0, True), Team("B", None, True), Team("C;D"), Team("E\nF", -1.0), Team("'=G")),
            ((Cell("AR"), Cell("X"), Cell("", Pay("share", 0.7), ("Bb",)), Cell(), Cell()),)
            + ((Cell("", Pay("commission", 2.0)), Cell(), Cell("", Pay("share", 0.7)), Cell(), Cell()),) * 2,
        )
    said = str(caught.value)
    for rule in (
        "stages: must have different names",
        "stages, number 3: must have a name",
        "teams, number 3: must be a name",
        "teams, number 4: must be a name",
        "teams, number 5: must be a name",
        "A, variable pay: must be empty",
        "F, variable pay: must be from 0",
        "teams: must have at most one that is simulated",
        "One, A: must be some of the letters",
        "One, B: must be some of the letters",
        "One, C;D, depends on: must be another team of the matrix; the nearest is B",
        "one, A, paid: must be above 0% and at most 100%",
        "shares of variable pay must add up to at most 100% (they add up to 210%)",
    ):
        assert rule in said
    for stages, teams in ((0, 1), (1, 0), (21, 1), (1, 21)):
        with pytest.raises(InputError, match="must be 1 to 20"):
            Coverage(
                tuple(Stage(f"s{k}") for k in range(stages)),
                tuple(Team(f"t{k}") for k in range(teams)),
                ((Cell(),) * teams,) * stages,
            )


def test_renamed_teams_keep_who_depends_on_them_and_removed_ones_are_forgotten():
    stages = [(4, Stage("Renewals of all", "renewals")), (None, Stage("New")), (1, EXAMPLE.stages[1])]
    teams = [(2, replace(EXAMPLE.teams[2], name="Welcome")), (None, Team("Partners")), (3, Team("Help desk"))]
    made = reshaped(EXAMPLE, stages, teams)
    assert [[cell.letters for cell in row] for row in made.cells] == [["", "", "I"], ["", "", ""], ["RA", "", "C"]]
    assert made.cells[2][0].depends_on == ("Help desk",)
    assert reshaped(EXAMPLE, stages, teams[:2]).cells[2][0].depends_on == ()


# --- dollars -------------------------------------------------------------------------------------------------------

CURRENT = plan_preset("current_80_20")


@pytest.fixture(scope="module")
def stage():
    return set_stage(load_sample("startup"), CURRENT, world_preset("base"), trials=64)


@pytest.fixture(scope="module")
def year(stage):
    return year_of(stage.portfolio, CURRENT, partial(run, stage))


def run(stage: EngineStage, plan: Plan, less: Less | None) -> Outcome:
    return simulate(with_less(stage, less) if less else stage, plan)


def price(coverage: Coverage, year: Year) -> dict[str, tuple[float | None, float | None]]:
    return {one.rule: (one.dollars, one.error) for one in priced(coverage, year)}


def mean_and_error(values: np.ndarray) -> tuple[float, float]:
    return pytest.approx(values.mean()), pytest.approx(values.std(ddof=1) / np.sqrt(len(values)))


def test_a_commission_on_renewals_is_its_rate_on_what_renewed(stage, year):
    outcome, book = simulate(stage, CURRENT), load_sample("startup")
    renewed = book.arr[book.renewal_month < 12].sum() - outcome.lost_arr
    for kind in ("commission", "quota relief"):
        found = price(one_stage(A=OWNER, B=Cell("I", Pay(kind, 0.02))), year)
        assert found == {rules.OVERLAP: mean_and_error(0.02 * renewed)}
    found = price(one_stage("expansion", A=OWNER, B=Cell("I", Pay("commission", 0.02))), year)
    assert found == {rules.OVERLAP: mean_and_error(0.02 * outcome.expansion_arr)}
    found = price(one_stage("none", A=OWNER, B=Cell("I", Pay("commission", 0.02))), year)
    assert found == {rules.OVERLAP: (None, None)}


def test_a_share_is_of_variable_pay_simulated_or_entered(stage, year):
    assert price(one_stage(A=OWNER, CSM=Cell("I", HALF)), year) == {
        rules.OVERLAP: mean_and_error(0.5 * simulate(stage, CURRENT).variable_pay)
    }
    matrix = one_stage("none", A=OWNER, B=Cell("I", HALF))
    assert price(matrix, year) == {rules.OVERLAP: (50_000.0, None)}
    unknown = replace(matrix, teams=(matrix.teams[0], Team("B")))
    (found,) = priced(unknown, year)
    assert found.dollars is None and found.how == "Enter the variable pay of B to see what this costs."


def test_what_two_owners_are_paid_twice_is_the_pay_of_the_cheaper_one(year):
    assert price(one_stage(A=OWNER, B=Cell("A", Pay("share", 0.2))), year)[rules.TWO_OWNERS] == (20_000.0, None)
    lone = replace(one_stage(A=OWNER, B=Cell("A", HALF)), teams=(Team("A", 1.0), Team("B")))
    assert price(lone, year)[rules.TWO_OWNERS] == (None, None)


def test_a_team_paid_for_what_others_do_costs_its_overlaps(year):
    teams = (Team("A"), Team("B", 80_000.0))
    both = Cell("I", Pay("commission", 0.01))
    matrix = replace(TWO_STAGES, teams=teams, cells=(TWO_STAGES.cells[0], (OWNER, both)))
    found = priced(matrix, year)
    parts = [one.dollars for one in found if one.rule == rules.OVERLAP]
    (whole,) = (one for one in found if one.rule == rules.PAID_FOR_OTHERS)
    assert whole.dollars == pytest.approx(sum(parts))
    assert sorted(parts)[1] != pytest.approx(sorted(parts)[0])
    assert [one.dollars for one in found] == sorted((one.dollars for one in found), reverse=True)
    assert found[0] == whole and "dearest" in headline(found)
    assert finding_table(found)["usd_a_year"].tolist() == [one.dollars for one in found]


def test_a_renewal_stage_without_an_owner_costs_the_arr_that_paid_effort_keeps(stage, year):
    """Against a plan written out by hand: the same dollars for the rest, nothing on retention."""
    assert [part.measure for part in CURRENT.components] == ["gross_retention", "upsell_bookings"]
    bare = unpaid(CURRENT, "renewals")
    share = CURRENT.components[1].weight
    assert [part.measure for part in bare.components] == ["upsell_bookings"]
    assert bare.variable_share == pytest.approx(CURRENT.variable_share * share)
    lost = simulate(stage, CURRENT).retained_arr - simulate(stage, bare).retained_arr
    assert lost.mean() > 3.0 * lost.std(ddof=1) / 8.0
    for cell in (Cell("R", HALF), Cell("RA")):
        ((_, found),) = price(one_stage(CSM=cell), year).items()
        assert found == mean_and_error(lost)
    assert price(one_stage("none", CSM=Cell("RA")), year) == {rules.UNPAID_OWNER: (None, None)}
    missing = replace(year, unpaid={})
    assert price(one_stage(CSM=Cell("RA")), missing) == {rules.UNPAID_OWNER: (None, None)}


def test_work_that_does_not_count_is_a_lower_skill_from_the_usual_effort_on(stage):
    book, world = load_sample("startup"), world_preset("base")
    for arr, works in (("renewals", (0.7, 1.0, 1.0, 1.0)), ("expansion", (1.0, 0.7, 0.7, 1.0))):
        less_able = replace(set_stage(book, CURRENT, world, trials=64, works=works), anchor=stage.anchor)
        was, now = simulate(less_able, CURRENT), run(stage, CURRENT, Less(arr, 0.3))
        np.testing.assert_array_equal(was.flows, now.flows)
        assert now.retained_arr.mean() + now.expansion_arr.mean() < (
            (usual := simulate(stage, CURRENT)).retained_arr.mean() + usual.expansion_arr.mean()
        )


def test_first_renewals_that_nobody_prepares_are_lost_at_those_odds_and_no_others():
    trials, arr = 512, 1e4
    n = np.arange(400)
    book = replace(
        book_of(len(n), 4),
        renewal_probability=np.full(len(n), 0.8),
        renewal_month=np.full(len(n), 5),
        term_months=np.full(len(n), 12),
        tenure_months=np.where(n % 2 == 0, 6.0, 30.0),
        segment=tuple("new" if number % 2 == 0 else "old" for number in n),
        arr=np.full(len(n), arr),
        upsell_whitespace=np.zeros(len(n)),
        cross_sell_whitespace=np.zeros(len(n)),
    )
    world = world_preset("base").changed({"downsell_share": 0.0})
    salary = Plan(name="salary", variable_share=0.0, components=())
    stage = set_stage(book, salary, world, trials=trials)
    usual, less = (run(stage, salary, less) for less in (None, Less("first renewals", 0.5)))
    new, old = (usual.segments.index(name) for name in ("new", "old"))
    np.testing.assert_array_equal(usual.segment_lost[old], less.segment_lost[old])
    lost = less.segment_lost[new].astype(float) - usual.segment_lost[new]
    odds = 4.0 * (1.0 - world.churn_cut) ** 0.5
    expected = 200 * arr * (0.8 - odds / (1.0 + odds))
    assert abs(lost.mean() - expected) < 4.0 * lost.std() / np.sqrt(trials)
    found = year_of(stage.portfolio, salary, partial(run, stage)).less(Less("first renewals", 0.5))
    np.testing.assert_allclose(found, lost)


def test_a_hidden_dependency_and_a_crowd_cost_what_less_work_loses(year):
    hidden = one_stage(A=Cell("RA", HALF, ("B",)), B=Cell("C"))
    assert price(hidden, year) == {rules.HIDDEN: mean_and_error(year.less(Less("renewals", SUPPORT)))}
    hands = {name: Cell("R", Pay("share", 0.1)) for name in "BCD"}
    share = 1.0 - (1.0 - LOST_AT_HAND_OVER) ** 2  # two teams more than two
    for arr in ("first renewals", "renewals", "expansion"):
        lost = year.less(Less(arr, share))
        assert price(one_stage(arr, A=OWNER, **hands), year) == {rules.CROWD: mean_and_error(lost)}
        assert 0.0 < lost.mean() < year.less(Less(arr, 2.0 * share)).mean()
    assert price(one_stage("none", A=OWNER, **hands), year) == {rules.CROWD: (None, None)}
    assert price(one_stage("first renewals", A=Cell("RA")), year) == {
        rules.UNPAID_OWNER: mean_and_error(year.less(Less("first renewals", 1.0)))
    }


def test_to_a_sceptic_no_work_is_worth_anything():
    stage = set_stage(load_sample("startup"), CURRENT, world_preset("sceptic"), trials=64)
    year = year_of(stage.portfolio, CURRENT, partial(run, stage))
    for arr in ("first renewals", "renewals", "expansion"):
        assert not year.less(Less(arr, 0.9)).any()


@pytest.mark.parametrize("name", PLAN_PRESETS)
@pytest.mark.parametrize("hold", ["ote", "base"])
def test_the_rest_of_an_unpaid_plan_pays_the_same_dollars(stage, name, hold):
    plan = plan_preset(name).model_copy(update={"hold": hold})
    for kind in ("renewals", "expansion"):
        bare = unpaid(plan, kind)
        if bare is None:
            continue
        before, after = (
            compile_plan(one, stage.portfolio, stage.forecast, stage.world, stage.anchor) for one in (plan, bare)
        )
        weights = {part.name: part.weight for part in plan.components if part.weight is not None}
        for part in bare.components:
            if part.weight is not None:
                assert after.target * part.weight == pytest.approx(before.target * weights[part.name])
        assert not bare.components or all(kind == "expansion" or part.gate is None for part in bare.components)
        assert unpaid(bare, kind) is None


def test_other_horizons_are_put_on_a_year():
    book, world = load_sample("startup"), world_preset("base")
    for months in (6, 24):
        stage = set_stage(book, CURRENT, world, trials=64, n_months=months)
        outcome = simulate(stage, CURRENT)
        found = year_of(stage.portfolio, CURRENT, partial(run, stage))
        span, times = min(months, 12), 12 / min(months, 12)
        bookings = outcome.monthly("upsell")[:span] + outcome.monthly("cross_sell")[:span]
        assert found.arr["expansion"] == pytest.approx(times * bookings.sum(axis=0))
        lost = sum(outcome.monthly(flow)[:span].sum(axis=0) for flow in ("churn", "contraction", "erosion"))
        due = book.arr[book.renewal_month < span].sum()
        assert found.arr["renewals"] == pytest.approx(times * (due - lost))


# --- spreadsheets --------------------------------------------------------------------------------------------------


def as_workbook(coverage: Coverage) -> bytes:
    return workbook([Sheet("Coverage", to_table(coverage))], STAMP)


@settings(max_examples=40, deadline=None)  # files are written and read
@given(matrices())
def test_a_matrix_comes_back_from_its_table_and_from_every_file(coverage):
    assert from_table(to_table(coverage)) == coverage
    assert read_coverage(to_csv(to_table(coverage)), "x.csv") == coverage
    assert read_coverage(as_workbook(coverage), "x.xlsx") == coverage


def test_no_spreadsheet_runs_a_name():
    name = '=HYPERLINK("http://x","y")'
    matrix = replace(one_stage(A=OWNER), stages=(Stage(name),), teams=(Team(name),), cells=((Cell("RA", HALF),),))
    lines = to_csv(to_table(matrix)).decode()
    assert "\"'=HYPERLINK" in lines and ',"=HYPERLINK' not in lines
    assert read_coverage(lines.encode(), "x.csv") == matrix == read_coverage(as_workbook(matrix), "x.xlsx")


def test_what_people_type_is_understood():
    typed = (
        "Stage;PART;Sales;CSM\n"
        "Renewal;Role;informed;A/R\n"
        "Renewal;Paid;2,5 % commission;0.5\n"
        "Renewal;Depends on;-;Sales\n"
        ";Variable pay;$900,000;Simulated\n"
    )
    assert read_coverage(typed.encode(), "typed.csv") == Coverage(
        (Stage("Renewal"),),
        (Team("Sales", 900_000.0), Team("CSM", simulated=True)),
        ((Cell("I", Pay("commission", 0.025)), Cell("RA", HALF, ("Sales",))),),
    )


def test_everything_wrong_with_a_file_is_said_at_once():
    rows = [
        ["part", "stage", "simulated as", "Sales", "CSM"],
        ["role", "Renewal", "renewal", "X", "acountable"],
        ["role", "Upsell", "", "R", "RR"],
        ["role", "Upsell", "", "R", "A"],
        ["paied", "Renewal", "", "", ""],
        ["paid", "Renewall", "", "", ""],
        ["paid", "Renewal", "", "comission 2%", "40"],
        ["paid", "Upsell", "", "lots", "commission 150%"],
        ["depends on", "Renewal", "", "Support", ""],
        ["variable pay", "", "", "much", ""],
    ]
    with pytest.raises(InputError) as caught:
        read_coverage(odd_workbook(("Matrix", rows)), "m.xlsx")
    said = [str(problem) for problem in caught.value.problems]
    for part in (
        "m.xlsx, Renewal, simulated as: must be one of none, first renewals, renewals, expansion; the",
        "m.xlsx, Renewal, Sales, role: must be some of R, A, C and I; the nearest is",
        "m.xlsx, Renewal, CSM, role: must be some of R, A, C and I; the nearest is A (accountable) (got 'acountable')",
        "m.xlsx, row 4, stage: must stand once under role",
        "m.xlsx, row 5, part: must be one of role, paid, depends on, variable pay; the nearest is paid",
        "m.xlsx, row 6, stage: must be a stage that has a row of roles; the nearest is Renewal",
        "m.xlsx, Renewal, Sales, paid: must be one of share, commission, quota relief; the nearest is commission",
        "m.xlsx, Renewal, CSM, paid: must have a % sign",
        "m.xlsx, Upsell, Sales, paid: must be like 30%",
        "Upsell, CSM, paid: must be above 0% and at most 100% (got '150%')",
        "Renewal, Sales, depends on: must be another team of the matrix; the nearest is CSM",
        "m.xlsx, Sales, variable pay: must be USD a year",
    ):
        assert any(sentence.startswith(part) for sentence in said), (part, said)
    assert len(said) == 12


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"a,b\n1,2\n", "must have the columns part and stage"),
        (b"part,stage\nrole,Renewal\n", "teams: must be 1 to 20"),
        (b"part,stage,A\npaid,Renewal,5%\n", "must be a stage that has a row of roles"),
        (b"part,stage,A\n" + b"".join(b"role,S%d,R\n" % n for n in range(62)), "at most 20 teams and 20 stages"),
        (b"part,stage," + b",".join(b"T%d" % n for n in range(21)) + b"\nrole,S" + b",R" * 21, "at most 20 teams"),
        (b"part,stage,A,A\nrole,S,R,A\n", "must have different names"),
        (b"part,stage,A\nrole,S," + b"R" * 2_000_000, "must be smaller than 2 MB"),
        (b"%PDF-1.4", "is a PDF"),
        (b"\x00\x01\x02", "m.csv"),
    ],
)
def test_what_is_no_matrix_gets_a_sentence(content, said):
    with pytest.raises(InputError, match=said):
        read_coverage(content, "m.csv")


def test_formulas_count_as_the_values_that_were_saved_with_them():
    rows = [["part", "stage", "A"], ["role", "S", "{=1+1}"]]
    with pytest.raises(InputError, match="must be some of R, A, C and I"):
        read_coverage(odd_workbook(("M", rows)), "m.xlsx")
