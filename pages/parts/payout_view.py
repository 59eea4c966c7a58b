"""A payout worked out line by line, and the statement to print."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.parts import access
from pages.parts.literal import literal
from pages.parts.measure_input import ask_result
from pages.parts.stamped import stamp, theme
from pages.parts.tables import download
from pages.parts.view import view
from sim.decide.person.earnings import Earnings, median_trial
from sim.decide.person.measures import NAMES, TOTALS, window_quota
from sim.decide.person.paydays import Measured, Payday, paydays
from sim.decide.person.payslip import Payslip, Section, payslips
from sim.decide.person.standing import asked
from sim.engine.compile import Terms
from sim.engine.outcome import Outcome
from sim.engine.run import Stage, terms_of
from sim.plan.schema import BOOKING_MEASURES, Measure, Plan
from sim.share.statement import Person, statement
from sim.share.take.plan_document import plan_pdf
from sim.words import cents, exact_money

MEDIAN, TYPED = "The median year", "Your own figures"


def draw(stage: Stage, plan: Plan, outcome: Outcome, csm: int, earned: Earnings) -> None:
    """The paydays of the median trial, or one payday of figures that are typed in."""
    if not plan.components:
        st.info("This plan pays a salary and nothing else: there is no payout to work out.")
        return
    terms = terms_of(stage, plan)
    trial = median_trial(outcome, csm)
    chosen = view("Figures", (MEDIAN, TYPED) if trial is not None else (TYPED,), "payout_of")
    if chosen == MEDIAN and trial is not None:
        basis = "Simulated: the year in the middle of those in which this person stays, by variable pay."
        slips = payslips(plan, terms, csm, paydays(stage, terms, csm, trial))
        st.caption(f"Trial {trial + 1:,} of {outcome.n_trials:,}. {basis}")
    else:
        basis = "Figures entered by hand."
        slips = payslips(plan, terms, csm, [_typed(plan, terms, csm, stage.portfolio.book.digest)])
    total = sum(slip.cents for slip in slips)
    st.markdown(f"**Variable pay: {literal(exact_money(total))}**, in {len(slips)} payday{'s' * (len(slips) > 1)}")
    for slip in slips:
        _show(slip, folded=len(slips) > 1 and slip is not slips[-1])
    _downloads(stage, plan, csm, earned, basis, slips, outcome.n_months)


def _show(slip: Payslip, *, folded: bool) -> None:
    with st.expander(f"{_label(slip)}: {literal(exact_money(slip.cents))}", expanded=not folded):
        for section in slip.sections:
            st.markdown(f"**{literal(section.name)}**: {literal(section.basis)}")
            st.markdown(_lines(section))


def _lines(section: Section) -> str:
    """A table of Markdown: amounts to the right, the sum in bold."""
    rows = [f"| {literal(line.text)} | {literal(cents(line.cents))} |" for line in section.lines]
    return "\n".join(["| | USD |", "| --- | ---: |", *rows, f"| **Sum** | **{literal(cents(section.cents))}** |"])


def _label(slip: Payslip) -> str:
    return f"Paid at the end of month {slip.month + 1}"


def _typed(plan: Plan, terms: Terms, csm: int, book: str) -> Payday:
    """One whole window of the plan, every renewal due, nothing paid before. book: its digest.

    What is typed stays when another plan is chosen: the same results, paid otherwise.
    """
    last = int(terms.ends[csm, terms.opens[csm] == 0].max()) - 1
    months = last + 1 - int(terms.opens[csm, last])
    st.caption(
        f"What was measured over {months} month{'s' * (months > 1)}, at first the quota of the plan shown first."
    )
    quotas: dict[Measure, float] = {}
    for i, component in enumerate(plan.components):
        quotas.setdefault(component.measure, window_quota(component.measure, float(terms.quota[csm, i]), months))
    row = st.container(horizontal=True, gap="medium")
    levels: dict[Measure, float] = {}
    clawed: dict[Measure, float] = {}
    for measure in asked(plan):
        with row.container(width=230):
            key = f"typed_{measure}_{csm}_{months}_{book[:8]}"
            levels[measure] = ask_result(measure, quotas.get(measure, 1.0), key)
            if measure in BOOKING_MEASURES and plan.clawback_months:
                clawed[measure] = float(
                    st.number_input(
                        f"... of it clawed back, {NAMES[measure]}, \\$",
                        0.0,
                        1e9,
                        0.0,
                        1000.0,
                        format="%.0f",
                        key=f"clawed_{key}",
                        help="Bookings of accounts that left too soon after.",
                    )
                )
    gates = [component.gate.measure for component in plan.components if component.gate is not None]
    measured = []
    for measure in (*(component.measure for component in plan.components), *gates):
        back = clawed.get(measure, 0.0)
        measured.append(Measured(levels[measure] - (back if measure in TOTALS else 0.0), True, back))
    n = len(plan.components)
    return Payday(last, months, tuple(measured), float(months), (0.0,) * n, False)


def _downloads(
    stage: Stage, plan: Plan, csm: int, earned: Earnings, basis: str, slips: list[Payslip], months: int
) -> None:
    team = stage.portfolio.book.team
    person = Person(team.csm_id[csm], team.csm_name[csm], team.level[csm])
    row = st.container(horizontal=True)
    row.download_button(
        "Statement to print (HTML)",
        data=lambda: statement(person, plan.name, basis, earned, months, [(_label(slip), slip) for slip in slips]),
        file_name="statement.html",
        mime="text/html",
        on_click="ignore",
        key="get_statement",
        help="One file without scripts; open it in a browser and print it, or save it as PDF.",
    )
    marked, colours = stamp(access.audience()), theme()
    row.download_button(
        "Plan in plain words (PDF)",
        data=lambda: plan_pdf(stage, plan, marked, colours, csm),
        file_name="plan.pdf",
        mime="application/pdf",
        on_click="ignore",
        key="get_plan",
        help="What this person is paid for under this plan, with worked examples from the own quotas and target pay.",
    )
    lines = pd.DataFrame(
        [
            {"payday": _label(slip), "component": section.name, "line": line.text, "usd": line.cents / 100}
            for slip in slips
            for section in slip.sections
            for line in section.lines
        ]
    )
    download("Lines as CSV", lines, "payout.csv", place=row)
