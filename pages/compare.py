"""Compare: any number of plans against the plan in force, and what it takes to choose between them."""

from __future__ import annotations

import streamlit as st

from pages.parts import choice_views, compute, state
from pages.parts.choice_views import Choice
from pages.parts.criterion_form import ask_criterion, ask_worth
from pages.parts.literal import literal
from pages.parts.plan_list import WITH_CANDIDATE, plan_list
from pages.parts.problems import show_problems
from pages.parts.sidebar import TRIALS
from pages.parts.tables import download, hundredfold
from pages.parts.view import view
from sim.decide.choice import pictures
from sim.decide.choice.contenders import Contender, enter
from sim.decide.choice.criterion import Criterion
from sim.decide.choice.standing import (
    FIGURES,
    in_words,
    settling_sentence,
    standing,
    standing_sentence,
    standings,
)
from sim.problems import InputError

VIEWS = {
    "Cost and ARR": choice_views.cost_and_arr,
    "Spread": choice_views.distributions,
    "By part": choice_views.by_part,
    "Winners and losers": choice_views.winners_and_losers,
    "Levers": choice_views.levers,
    "Break-even": choice_views.break_even,
}
HOW = """
* **Same luck**: every plan meets the same renewals, deals and leavers, trial by trial, so luck that all share cancels.
* **Best in**: share of trials in which a plan comes out best of all, the plan in force among them; ties are shared.
  It says how often a plan would have been the right choice, not how sure its average is.
* **±**: two standard errors of the mean difference. A mean within that of zero is *not told apart*: more trials may.
* **What a dollar of ARR is worth** turns ARR, a yearly rate at the end of the horizon, into dollars to set beside cost.
  The default is the gross margin of one year. Later years, expansion of what is kept, and the cost to serve are not in
  it; the lifetime value on the page Valuation has them.
* **Trials that settle it** come from the spread of the paired difference: n = ((2 + 1.28) s / m)², with m the mean and
  s the standard deviation. With so many, nine times in ten a mean like this one would be clear of zero.
"""


def _fitting(now: state.Scenario) -> tuple[list[Contender], Contender] | None:
    """The plans and the one in force, run; None, with the reason on the page, when there is nothing to compare."""
    try:
        current = Contender(state.IN_FORCE, now.current, compute.run_plan(now, now.current))
    except InputError as error:
        show_problems("The plan in force cannot be run on this book. Choose another one in the sidebar:", error)
        return None
    wanted = [(plan.name, plan) for plan in now.plans]
    if st.session_state[WITH_CANDIDATE]:
        wanted = [(state.CANDIDATE, now.candidate), *wanted]
    with st.spinner("Running the plans..."):
        plans, refused = enter(wanted, lambda plan: compute.run_plan(now, plan))
    for plan in refused:
        show_problems(f"{literal(plan.name)} cannot be run on this book and is left out:", plan.error)
    if not plans:
        st.info("There is no plan to compare with the plan in force. Add one above, or switch the candidate on.")
        return None
    return plans, current


def _questions(plans: list[Contender]) -> tuple[Criterion, float, Contender]:
    """What is best, what ARR is worth, and the plan to look at."""
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    criterion = ask_criterion(row, "Best is", "criterion", 250)
    worth = ask_worth(
        row,
        "A dollar of ARR is worth, $",
        "worth",
        210,
        "The exchange rate between ARR, a rate a year, and cost. The default is one year's gross margin at 75 %; "
        "the page Valuation works out what it is worth over customers' lifetime.",
    )
    names = [plan.name for plan in plans]
    if st.session_state.get("focus") not in names:
        st.session_state["focus"] = names[0]
    focus = row.selectbox(
        "Look at", names, key="focus", persist_state="session", width=280, help="The plan that the views below explain."
    )
    plan = plans[names.index(focus)]
    row.button(
        "Make it the candidate",
        on_click=state.load,
        args=(plan.plan,),
        disabled=focus == state.CANDIDATE,
        help="Puts this plan into the levers of the page What if. Undo there takes it back.",
    )
    return criterion, worth, plan


def _answer(everybody: list[Contender], criterion: Criterion, worth: float) -> dict[str, float]:
    """Who is ahead, and what it takes to tell; the chance of each plan to be best, by name."""
    found = standing(everybody, criterion, worth)
    trials, most = everybody[0].outcome.n_trials, TRIALS[-1]
    st.markdown(f"#### {literal(standing_sentence(everybody, found, criterion))}")
    if more := settling_sentence(found, trials, most):
        st.markdown(literal(more))
    needed = found.settling.needed
    if needed is not None and needed <= most:
        enough = next(option for option in TRIALS if option >= needed)
        st.button(f"Run {enough:,} trials", on_click=_set_trials, args=(enough,), help="Sets them for all pages.")
    return {plan.name: float(chance) for plan, chance in zip(everybody, found.chance, strict=True)}


def _set_trials(trials: int) -> None:
    state.change(trials=trials)
    st.session_state["trials"] = trials  # the slider in the sidebar


def _table(plans: list[Contender], current: Contender, criterion: Criterion, worth: float) -> None:
    table = standings(plans, current, criterion, worth)
    shown = in_words(table)
    chance = st.column_config.ProgressColumn
    st.dataframe(
        hundredfold(shown, "best", "ahead"),
        hide_index=True,
        width="stretch",
        column_config={
            "plan": st.column_config.TextColumn("Plan", pinned=True, width=165),
            "best": chance(
                "Best in", width=95, format="%.0f %%", min_value=0, max_value=100, help="Of trials, of all plans."
            ),
            "ahead": chance(
                "Beats today's in",
                width=105,
                format="%.0f %%",
                min_value=0,
                max_value=100,
                help=f"Share of trials in which it is better than the plan in force. On: {criterion.label}.",
            ),
            "criterion": st.column_config.TextColumn(criterion.label, help=criterion.meaning),
            **{name: st.column_config.TextColumn(label) for name, (label, _) in FIGURES.items()},
        },
    )
    st.caption("Mean differences from the plan in force on the same luck, ± two standard errors.")
    download(
        "Download as CSV", table, "plans.csv", help="With standard errors and the range that holds 90 % of trials."
    )


now = state.scenario()
st.markdown("### Compare plans")
answer = st.container()
refused = plan_list()
if refused is not None:
    show_problems("The list was not changed:", refused)
fitting = _fitting(now)
if fitting is None:
    st.stop()
plans, current = fitting
criterion, worth, focus = _questions(plans)
with answer:
    chance = _answer([*plans, current], criterion, worth)
_table(plans, current, criterion, worth)
names = [plan.name for plan in (*plans, current)]
places = pictures.slots(names, focus.name, current.name, chance)
VIEWS[view("View", list(VIEWS), "compare_view")](Choice(now, plans, current, focus, places, criterion, worth))
with st.expander("How this is measured"):
    st.markdown(HOW.replace("$", "\\$"))
