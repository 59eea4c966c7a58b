"""What is concluded upon, and what a dollar of ARR is worth: asked alike wherever plans are judged."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from sim.decide.choice.criterion import CRITERIA, MOST_WORTH, WORTH, Criterion


def ask_criterion(row: DeltaGenerator, label: str, key: str, width: int, usual: str = "") -> Criterion:
    """One of CRITERIA. usual: the one chosen at first; the first of them otherwise."""
    name = row.selectbox(
        label,
        list(CRITERIA),
        index=list(CRITERIA).index(usual) if usual else 0,
        format_func=lambda name: CRITERIA[name].label,
        key=key,
        persist_state="session",
        width=width,
        help="  \n".join(f"**{criterion.label}**: {criterion.meaning}" for criterion in CRITERIA.values()),
    )
    return CRITERIA[name]


def ask_worth(row: DeltaGenerator, label: str, key: str, width: int, help: str) -> float:
    """USD that a dollar of ARR is worth."""
    worth = row.number_input(
        label, 0.0, MOST_WORTH, WORTH, 0.05, key=key, persist_state="session", width=width, help=help
    )
    return float(worth)
