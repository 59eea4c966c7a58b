"""The conclusion in the four shipped worlds, side by side."""

from __future__ import annotations

import streamlit as st

from pages.parts.charts import finding
from pages.parts.literal import literal
from sim.decide.choice.criterion import Criterion
from sim.decide.compare import summarise
from sim.decide.sensitivity import findings, study
from sim.decide.sensitivity.worlds import Change
from sim.plan.schema import Plan
from sim.runs.setting import Setting, key_of
from sim.runs.spread import local_executor
from sim.words import money


def side_by_side(setting: Setting, plan: Plan) -> dict[str, Change]:
    """By world. Raises InputError when one of the plans cannot be run on this book."""
    return _side_by_side(key_of(setting.key, plan.model_dump_json()), setting, plan)


@st.cache_data(max_entries=32, show_spinner="Trying four worlds...")
def _side_by_side(key: str, _setting: Setting, _plan: Plan) -> dict[str, Change]:
    with local_executor() as executor:
        return study.side_by_side(executor, _setting, _plan)


def draw(found: dict[str, Change], criterion: Criterion, worth: float) -> None:
    """A card a world, below what they say together."""
    row = {name: summarise(criterion.figure(change, worth)) for name, change in found.items()}
    finding(findings.row_finding(criterion, row))
    for column, (name, figure) in zip(st.columns(len(row), gap="small"), row.items(), strict=True):
        card = column.container(border=True)
        card.metric(f"{name.capitalize()}: {findings.standing(figure)}", money(figure.mean, signed=True))
        card.caption("  \n".join(map(literal, findings.card(figure, found[name]))))
