"""Roles: another team, each role under a plan of its own, simulated at once against today's."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts import compute, crew, crew_charts, job, state
from pages.parts.literal import literal
from pages.parts.tables import dollars, download, whole
from sim.decide.compare import differences
from sim.decide.team.study import MOST_PEOPLE, Added, Design, Study, study
from sim.decide.team.words import EFFORTS, double_finding, finding, pay_bars, pay_finding, role_table
from sim.roles.archetypes import ARCHETYPES, archetype
from sim.roles.part import SUPPORT
from sim.runs.setting import Setting, key_of
from sim.words import money, percent

JOB = "roles"
MOST_TRIALS = 512
BESIDE = [role.key for role in ARCHETYPES if role.joins != "owns"]
OWNING = ["", *(role.key for role in ARCHETYPES if role.joins == "owns")]
EFFORT = "Mean that reached customers; 1 is a CSM's under the reference plan."
HOW = f"""
* **At once.** All roles work on the same accounts in the same months, on the same luck. What one does is luck to the
  others; each chooses effort by the own plan and what has come so far. The walk through the months is repeated until
  nothing changes, so the answer is exact, not a round of guesses.
* **ARR is counted once**, at who owns the account. Opportunities are found by owners; a specialist who closes raises
  how many of them are won, and moves no referral. Effort of several multiplies the chance of a deal, and adds up in
  the log-odds of a renewal.
* **Onboarding** is felt in first renewals: a unit of effort held until then counts for what a unit of retention effort
  does; a unit of support's effort makes onboarding count for {percent(SUPPORT, 0)} more. Judgement, low confidence:
  nothing published puts figures on it.
* **Reach.** Who owns no accounts can serve so many of them, by role; with more accounts a person, effort on each thins
  out in proportion. Judgement.
* **New roles** start from nothing: what is known of the accounts was seen without them. Roles that are there today
  count only as far as their plan differs from today's.
* **Credit** is the share of each booking that counts for a role. Shares above 100 % together credit dollars twice.
  A target in dollars and a rate follow the share; a quota made from what is expected does so by itself.
* **Limits.** Nobody takes time from a colleague, and no customer is asked too often. The timing lever must be off.
"""


def _design(now: state.Scenario) -> None:
    held = crew.crew()
    design, number = held.value, held.number
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    become = left.selectbox(
        "CSMs work as",
        OWNING,
        index=OWNING.index(design.owners_as),
        format_func=lambda key: archetype(key).name if key else "What they are today, under the candidate",
        key=f"crew_as_{number}",
        help="Another role has its own plan, and moves other things: see Which plan? for what each role is.",
    )
    credit = _percent(
        right,
        "Credit of the account's CSM",
        design.owners_credit,
        100,
        f"crew_credit_{number}",
        "Share of each booking on the account that counts for the CSM. A plan that pays on bookings needs some.",
    )
    changed = replace(design, owners_as=become, owners_credit=credit)
    if changed != design:
        crew.put(changed)
        st.rerun()
    for place, one in enumerate(design.added):
        _added(place, one, number)
    row = st.container(horizontal=True, vertical_alignment="bottom")
    key = row.selectbox("Add a role", BESIDE, format_func=lambda key: archetype(key).name, key="crew_more", width=260)
    row.button("Add", key="crew_add", on_click=crew.add, args=(key,))
    row.button("Undo", key="crew_undo", on_click=crew.undo, disabled=not held.before)
    row.button("Back to the example", key="crew_example", on_click=crew.put, args=(crew.EXAMPLE,))


def _added(place: int, one: Added, number: int) -> None:
    role = archetype(one.role)
    with st.container(border=True, gap="small"):
        head = st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center")
        head.markdown(f"**{role.name}**", help=f"{role.owns} {role.measures}")
        head.button("Remove", key=f"crew_drop_{place}_{number}", on_click=crew.drop, args=(place,), type="tertiary")
        row = st.container(horizontal=True, vertical_alignment="bottom")
        people = row.number_input(
            "People", 1, MOST_PEOPLE, one.n_people, key=f"crew_people_{place}_{number}", width=130
        )
        ote = row.number_input(
            "OTE, USD a year",
            20_000,
            1_000_000,
            round(one.ote),
            5_000,
            key=f"crew_ote_{place}_{number}",
            width=160,
            help="On-target earnings of each of them.",
        )
        share = _percent(
            row,
            "Variable",
            one.variable_share,
            60,
            f"crew_share_{place}_{number}",
            f"Share of OTE. Usual: {percent(role.mix[0], 0)} to {percent(role.mix[1], 0)}. {role.mix_source}",
            width=150,
        )
        credit = _percent(
            row,
            "Credit",
            one.credit,
            100,
            f"crew_part_{place}_{number}",
            "Share of each booking on their accounts that counts for them.",
            width=150,
        )
        new = row.toggle("New", one.new, key=f"crew_new_{place}_{number}", help="Off: they are there today.")
    changed = replace(one, n_people=people, ote=float(ote), variable_share=share, credit=credit, new=new)
    if changed != one:
        crew.change(place, changed)
        st.rerun()


def _percent(
    place: DeltaGenerator,
    label: str,
    value: float,
    most: int,
    key: str,
    help: str,
    width: int | Literal["stretch"] = "stretch",
) -> float:
    """A slider of a fraction, in steps of 5 % up to ``most`` percent."""
    return place.slider(label, 0, most, round(100 * value), 5, "%d %%", key=key, help=help, width=width) / 100.0


def _draw(found: Study | None) -> None:
    if found is None:
        return
    st.markdown(f"#### {literal(finding(found))}.")
    change = differences(found.after, found.before)
    row = st.container(horizontal=True, gap="medium")
    for label, name, help in (
        ("Retained ARR", "retained_arr", "Against today's team, on the same luck."),
        ("Expansion", "expansion_arr", "Against today's team, on the same luck."),
        ("Plan cost", "plan_cost", "Salaries, variable pay, on-cost and replacing leavers, of all roles."),
    ):
        one = change[name]
        row.metric(
            label,
            money(one.mean, signed=True),
            f"± {money(one.standard_error)}",
            delta_color="off",
            delta_arrow="off",
            help=help,
            width=170,
        )
    left, right = st.columns([3, 2], gap="medium")
    with left:
        crew_charts.pay(pay_bars(found), pay_finding(found))
    with right:
        st.markdown("**Credit and double pay**")
        st.markdown(literal(f"{double_finding(found)}."))
        st.caption("Paying two roles for one thing is a choice: it buys that they work together. Here is its price.")
    table = role_table(found)
    st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        column_config={
            "role": st.column_config.TextColumn("Role", pinned=True),
            "people": whole("People"),
            "accounts": whole("Accounts", help="That they work on; several roles may work on one."),
            "cost": dollars("Cost", help="With on-cost and the cost of replacing leavers."),
            "salary": dollars("Salary"),
            "renewals": dollars("For renewals"),
            "expansion": dollars("For expansion"),
            "other_goals": dollars("Other goals", help="KPIs and guarantees."),
            "booked": dollars("Booked", help="Expansion on their accounts, whoever won it."),
            "credited": dollars("Credited", help="The part of it that counts for them."),
            "cents_a_dollar": st.column_config.NumberColumn("Cents a dollar", format="%.1f", help="Pay for expansion."),
            **{
                name: st.column_config.NumberColumn(label, format="%.2f", help=EFFORT)
                for name, label in EFFORTS.items()
            },
        },
    )
    download("Download the roles", table, "roles.csv")


def _start(setting: Setting, now: state.Scenario, design: Design, key: str) -> None:
    def work(report: job.Report) -> Study:
        return study(setting, now.candidate, design, lambda share: report(share, None))

    job.start(JOB, key, work)


now = state.scenario()
st.markdown("### Roles")
st.caption(
    "A team of several roles on the same accounts, each under a plan of its own: what it brings and costs against "
    "today's team, who is credited with what, and what is paid twice."
)
setting = replace(compute.setting_of(now), trials=min(now.trials, MOST_TRIALS))
_design(now)
design = crew.crew().value
key = key_of(setting.key, now.candidate.model_dump_json(), str(design))
found = job.find(JOB)
st.button(
    "Simulate the team",
    type="primary",
    key="crew_run",
    on_click=_start,
    args=(setting, now, design, key),
    help=f"On {setting.trials:,} trials, with the luck of the other pages.",
)
if found is None:
    st.info("Nothing was simulated yet. The design starts with retention-only CSMs and specialists who close.")
elif found.key != key:
    st.warning("The team, the book, a plan or the assumptions have changed since: simulate again.")
job.show(JOB, "Simulating", _draw)
with st.expander("How several roles are simulated"):
    st.markdown(HOW)
