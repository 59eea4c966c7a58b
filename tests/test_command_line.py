"""`python -m sim`: figures out, or exit code 2 and one sentence for each problem."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim.engine.run
from sim.__main__ import main
from sim.book.samples import SAMPLE_DATA, SAMPLES, load_sample
from sim.engine.run import set_stage, simulate
from sim.plan import PLAN_PRESETS, plan_preset
from sim.world.parameters import ASSUMPTIONS, WORLD_PRESETS, world_preset

ROOT = Path(__file__).parent.parent
OPTIONS = ("--book", "--team", "--as-of", "--plan", "--current", "--world", "--set", "--trials", "--months", "--seed")
RUN = ("run", "--book", "startup", "--plan", "at_risk_70_30", "--trials", "100")

ACCOUNTS = "account_id,csm_id,arr,renewal_date,renewal_probability\nA1,C1,50000,2026-02-15,0.9\n"
TEAM = "csm_id,ote\nC1,100000\n"

Captured = pytest.CaptureFixture[str]


def output(capsys: Captured, *arguments: str) -> str:
    assert main(arguments) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def report(capsys: Captured, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(output(capsys, *arguments, "--json"), parse_constant=pytest.fail)
    return found


def complaints(capsys: Captured, *arguments: str) -> list[str]:
    """Lines on standard error of a run that ends with exit code 2."""
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.splitlines()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A book without white space, plans that are none, and a directory."""
    (tmp_path / "accounts.csv").write_text(ACCOUNTS)
    (tmp_path / "team.csv").write_text(TEAM)
    (tmp_path / "broken.toml").write_text('name = "Broken"\nvariable_share = 20%\n')
    (tmp_path / "wrong.toml").write_text('name = "Wrong"\nvariable_share = 0.9\ncolour = "red"\n')
    (tmp_path / "salary.toml").write_text('name = "Salary"\nvariable_share = 0.0\n')
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder.toml").mkdir()
    return tmp_path


# --- what comes out ---------------------------------------------------------------------------------------


def test_json_is_the_engines_answer(capsys: Captured) -> None:
    options = (
        "--current",
        "posthog",
        "--world",
        "optimistic",
        "--set",
        "churn_cut=0.05",
        "--seed",
        "7",
        "--months",
        "6",
    )
    found = report(capsys, *RUN, *options)
    assert (found["seed"], found["trials"]) == (7, 100)

    world = world_preset("optimistic").changed({"churn_cut": 0.05})
    current = plan_preset("posthog")
    stage = set_stage(load_sample("startup"), current, world, seed=7, trials=100, n_months=6)
    then, now = simulate(stage, plan_preset("at_risk_70_30")), simulate(stage, current)
    assert found["candidate"]["plan_cost"]["mean"] == then.plan_cost.mean()
    assert found["current"]["gross_retention"]["p5"] == np.quantile(now.gross_retention, 0.05)
    assert found["difference"]["retained_arr"]["mean"] == np.mean(then.retained_arr - now.retained_arr)
    assert [row["csm_id"] for row in found["csms"]] == list(then.csm_ids)


@pytest.mark.parametrize(
    "change",
    [("--seed", "2"), ("--months", "11"), ("--trials", "101"), ("--world", "sceptic"), ("--set", "attrition=0.3")],
    ids=lambda change: change[0],
)
def test_every_option_counts(capsys: Captured, change: tuple[str, str]) -> None:
    assert report(capsys, *RUN)["candidate"] != report(capsys, *RUN, *change)["candidate"]


def test_the_current_plan_against_itself_is_exactly_zero(capsys: Captured) -> None:
    found = report(capsys, "run", "--book", "startup", "--plan", "current_80_20", "--trials", "100")
    assert {value for figures in found["difference"].values() for value in figures.values()} == {0.0}


def test_the_answer_in_words(capsys: Captured) -> None:
    text = output(capsys, *RUN)
    lines = text.splitlines()
    assert "ARR" in lines[0]
    assert lines[0].endswith(".")
    found = report(capsys, *RUN)
    assert f"{100 * found['candidate']['gross_retention']['mean']:.1f} %" in text
    assert f"{100 * found['difference']['net_retention']['mean']:+.2f} pp" in text
    assert lines[-1] == f"100 trials, seed 1, model {found['model_version']}"
    same = output(capsys, "run", "--book", "startup", "--plan", "current_80_20", "--trials", "100")
    assert same.startswith("The same as the plan in force")


@pytest.mark.parametrize("trials", ["1", "100"])
def test_a_salary_is_no_nan(capsys: Captured, files: Path, trials: str) -> None:
    salary = str(files / "salary.toml")
    book = ("--book", str(files / "accounts.csv"), "--team", str(files / "team.csv"))
    run = ("run", *book, "--plan", salary, "--current", salary, "--trials", trials)
    found = report(capsys, *run)
    assert found["csms"][0]["expected_attainment"] is None
    assert (found["difference"]["plan_cost"]["standard_error"] is None) == (trials == "1")
    assert ("unknown" in output(capsys, *run)) == (trials == "1")


def test_nothing_due_is_no_nan(capsys: Captured, files: Path) -> None:
    """One month, the renewal falls due in the next."""
    book = ("--book", str(files / "accounts.csv"), "--team", str(files / "team.csv"), "--as-of", "2026-01-01")
    plan = files / "retention.toml"
    part = 'name = "GRR"\nmeasure = "gross_retention"\nweight = 1.0\n'
    plan.write_text(f'name = "Retention"\nvariable_share = 0.2\n[[component]]\n{part}')
    found = report(capsys, "run", *book, "--plan", str(plan), "--current", str(plan), "--months", "1")
    assert found["csms"][0]["expected_attainment"] is None
    assert found["candidate"]["gross_retention"]["mean"] == 1.0


# --- the same bits --------------------------------------------------------------------------------------


def test_same_input_same_bytes_whatever_the_number_of_threads(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("run", "--book", "startup", "--plan", "at_risk_70_30", "--trials", "700", "--json")
    texts = []
    for threads in (1, 2, 5):
        monkeypatch.setattr(sim.engine.run, "n_threads", lambda threads=threads: threads)
        texts.append(output(capsys, *arguments))
    assert texts[0] == texts[1] == texts[2]

    # And in another process, with other hashes.
    command = [sys.executable, "-m", "sim", *arguments]
    environment = {**os.environ, "PYTHONHASHSEED": "123"}
    again = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert again.stdout == texts[0]
    assert again.stderr == ""


def test_a_sample_book_is_its_two_files(capsys: Captured) -> None:
    files = SAMPLE_DATA / "midmarket"
    plan = ("--plan", "at_risk_70_30", "--trials", "64", "--json")
    by_name = output(capsys, "run", "--book", "midmarket", *plan)
    by_path = output(capsys, "run", "--book", str(files / "accounts.csv"), "--team", str(files / "team.csv"), *plan)
    assert by_path == by_name


# --- help -----------------------------------------------------------------------------------------------


def test_help_is_complete(capsys: Captured) -> None:
    with pytest.raises(SystemExit) as left:
        main(["run", "--help"])
    assert left.value.code == 0
    text = capsys.readouterr().out
    words = set(text.replace(",", " ").replace(":", " ").split())
    for name in (*OPTIONS, "--json", *PLAN_PRESETS, *SAMPLES, *WORLD_PRESETS, *ASSUMPTIONS):
        assert name in words, name
    for row in ASSUMPTIONS.values():
        assert f"{row.label} ({row.default:g}, {row.low:g} to {row.high:g} {row.unit})" in text


# --- bad input ------------------------------------------------------------------------------------------


def test_a_missing_file(capsys: Captured, files: Path) -> None:
    team = ("--team", str(files / "team.csv"))
    run = ("run", "--book", str(files / "none.csv"), *team, "--plan", "posthog")
    assert complaints(capsys, *run) == ["none.csv: cannot be read: no such file or directory."]
    assert complaints(capsys, "run", "--book", "startup", "--plan", str(files / "none.toml")) == [
        "--plan, none.toml: cannot be read (no such file or directory)."
    ]


def test_a_directory_in_place_of_a_file(capsys: Captured, files: Path) -> None:
    run = ("run", "--book", str(files / "folder"), "--team", str(files / "folder"), "--plan", "posthog")
    assert complaints(capsys, *run) == ["folder: cannot be read: is a directory."] * 2
    for name in ("folder", "folder.toml"):
        assert len(complaints(capsys, "run", "--book", "startup", "--plan", str(files / name))) == 1


def test_a_name_that_is_too_long_for_a_file(capsys: Captured) -> None:
    found = complaints(capsys, "run", "--book", "startup", "--plan", "a" * 5000)
    assert len(found) == 1
    assert len(found[0]) < 200


def test_unknown_names(capsys: Captured) -> None:
    (found,) = complaints(capsys, "run", "--book", "startup", "--plan", "at_risk_7030")
    assert found.startswith("--plan: must be one of current_80_20, ")
    assert found.endswith("the nearest is 'at_risk_70_30' (got 'at_risk_7030').")
    (found,) = complaints(capsys, *RUN, "--current", "posthoc")
    assert found.startswith("--current: ")
    assert "the nearest is 'posthog'" in found
    (found,) = complaints(capsys, "run", "--book", "mid-market", "--plan", "posthog")
    assert found == "sample book: must be one of startup, midmarket, enterprise (got 'mid-market')."
    (found,) = complaints(capsys, *RUN, "--world", "rosy")
    assert found == "world: must be one of base, sceptic, optimistic, mixed (got 'rosy')."


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("chrun_cut=0.1", "assumption chrun_cut: is not known; the nearest is 'churn_cut'."),
        ("churn_cut=10", "assumption churn_cut: must be from 0 to 0.2 (fraction) (got '10.0')."),
        ("churn_cut=nan", "assumption churn_cut: must be from 0 to 0.2 (fraction) (got 'nan')."),
        ("churn_cut=ten", "--set churn_cut: must be a number, as in --set churn_cut=0.05 (got 'ten')."),
        ("churn_cut=10%", "--set churn_cut: must be a number, as in --set churn_cut=0.05 (got '10%')."),
        ("churn_cut", "--set churn_cut: must be a number, as in --set churn_cut=0.05."),
        ("churn_cut=", "--set churn_cut: must be a number, as in --set churn_cut=0.05."),
    ],
)
def test_bad_assumptions(capsys: Captured, given: str, sentence: str) -> None:
    assert complaints(capsys, *RUN, "--set", given) == [sentence]


@pytest.mark.parametrize(
    ("option", "value", "rule"),
    [
        ("trials", "0", "from 1 to 100,000"),
        ("trials", "100001", "from 1 to 100,000"),
        ("months", "0", "from 1 to 36"),
        ("months", "37", "from 1 to 36"),
        ("seed", "-1", "from 0 to 9,223,372,036,854,775,807"),
        ("seed", str(2**63), "from 0 to 9,223,372,036,854,775,807"),
    ],
)
def test_sizes_out_of_range(capsys: Captured, option: str, value: str, rule: str) -> None:
    assert complaints(capsys, *RUN, f"--{option}", value) == [
        f"{option}: must be a whole number {rule} (got '{value}')."
    ]


def test_a_quota_of_zero_names_the_plan_and_the_csm(capsys: Captured, files: Path) -> None:
    book = ("run", "--book", str(files / "accounts.csv"), "--team", str(files / "team.csv"))
    (found,) = complaints(capsys, *book, "--plan", "posthog")
    assert found.startswith("--current, component 'Upsell', quota: must be above zero, but is not for CSM C1")
    (found,) = complaints(capsys, *book, "--plan", "commission_uncapped", "--current", "posthog")
    assert found.startswith("--plan, component 'Expansion commission', quota: must be above zero")


def test_broken_plans(capsys: Captured, files: Path) -> None:
    (found,) = complaints(capsys, "run", "--book", "startup", "--plan", str(files / "broken.toml"))
    assert found.startswith("--plan, broken.toml, line 2: is not TOML")
    found_all = complaints(capsys, "run", "--book", "startup", "--plan", str(files / "wrong.toml"))
    assert len(found_all) == 2
    assert all(line.startswith("--plan, wrong.toml, ") for line in found_all)


def test_a_bad_accounts_file(capsys: Captured, files: Path) -> None:
    accounts = files / "accounts.csv"
    book = ("run", "--book", str(accounts), "--team", str(files / "team.csv"), "--plan", "posthog")
    accounts.write_text(ACCOUNTS.replace("50000", "-5").replace("0.9", "1.9").replace("C1", "C9"))
    found = complaints(capsys, *book)
    assert len(found) == 4  # C9 is unknown, and C1 is left without accounts
    assert sum(line.startswith("accounts.csv, row 2, ") for line in found) == 3
    accounts.write_text("")
    assert complaints(capsys, *book) == ["accounts.csv: is empty; it needs a header and rows."]


def test_options_that_do_not_go_together(capsys: Captured, files: Path) -> None:
    accounts = str(files / "accounts.csv")
    assert complaints(capsys, "run", "--book", accounts, "--plan", "posthog") == [
        "--team: is missing: give the team.csv that goes with the accounts."
    ]
    assert complaints(capsys, *RUN, "--as-of", "2026-01-01") == [
        "--as-of: goes with a book of your own, not with a sample (got '2026-01-01')."
    ]
    own = ("run", "--book", accounts, "--team", str(files / "team.csv"), "--plan", "posthog")
    assert complaints(capsys, *own, "--as-of", "01/02/2026") == [
        "--as-of: must be a date like 2026-01-01 (got '01/02/2026')."
    ]


def test_all_problems_at_once(capsys: Captured) -> None:
    run = ("run", "--book", "no book", "--plan", "no plan", "--current", "no current", "--world", "no world")
    found = complaints(capsys, *run, "--trials", "0", "--months", "99")
    assert [line.split(":")[0] for line in found] == ["sample book", "--current", "--plan", "world", "trials", "months"]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("walk",),
        ("compare",),
        (*RUN, "--trials", "many"),
        (*RUN, "--seed", "1.5"),
        (*RUN, "--colour", "red"),
        (*RUN, "--set"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_2_too(capsys: Captured, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "error: " in captured.err


def test_what_a_run_lacks_is_said(capsys: Captured) -> None:
    assert [line.split(":")[0] for line in complaints(capsys, "run")] == ["--book", "--plan"]
    assert [line.split(":")[0] for line in complaints(capsys, "run", "--book", "startup")] == ["--plan"]


def test_no_traceback_from_the_shell(files: Path) -> None:
    command = [sys.executable, "-m", "sim", "run", "--book", "startup", "--plan", str(files / "broken.toml")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("--plan, broken.toml, line 2: ")
    assert len(done.stderr.splitlines()) == 1
