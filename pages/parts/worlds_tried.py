"""What a sample of worlds says: where the spread comes from, where the conclusion flips, what to find out."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.parts import sensitivity_charts
from pages.parts.charts import finding
from pages.parts.literal import literal
from pages.parts.tables import download
from sim.decide.choice.criterion import CRITERIA, Criterion
from sim.decide.sensitivity import findings, tables
from sim.decide.sensitivity.flip import Rule, rule_of
from sim.decide.sensitivity.information import Worth, net_of, worth_of_knowing
from sim.decide.sensitivity.sobol import LEAST_ROWS, Indices, indices
from sim.decide.sensitivity.study import Sample
from sim.runs.setting import key_of


@st.cache_data(max_entries=64, show_spinner=False)
def _figures(key: str, _sample: Sample, criterion: str, worth: float) -> tuple[Indices | None, Rule]:
    figure = _sample.figure(CRITERIA[criterion], worth)
    return indices(figure.mean(axis=2)), rule_of(_sample.points, figure, _sample.design.varied)


@st.cache_data(max_entries=64, show_spinner=False)
def _worth(key: str, _sample: Sample, criterion: str, worth: float) -> Worth | None:
    return worth_of_knowing(_sample.points, _sample.figure(CRITERIA[criterion], worth))


def draw(key: str, months: int, criterion: Criterion, worth: float, found: Sample) -> None:
    """What a sample says; while it grows, what its first rows say, whenever they have doubled."""
    rows = len(found.found)
    if rows < LEAST_ROWS:
        least = LEAST_ROWS * (len(found.design.names) + 2)
        st.caption(f"No figures yet: they take {least:,} worlds at least.")
        return
    rows = 1 << (rows.bit_length() - 1)
    sample = Sample(found.design, found.found[:rows])
    place = key_of(key, rows)
    shares, rule = _figures(place, sample, criterion.name, worth)
    names, varied = sample.design.names, sample.design.varied
    if shares is None:
        st.info("The conclusion is the same in every sampled world: nothing here moves it.")
        return
    means = sample.figure(criterion, worth).mean(axis=2)
    left, right = st.columns(2, gap="medium")
    with left:
        title = findings.indices_finding(names, shares)
        sensitivity_charts.indices(tables.indices_picture(names, shares), title)
    with right:
        axes = tables.rule_axes(rule, names, shares)
        titles = (tables.axis_title(axes[0]), tables.axis_title(axes[1]) if len(axes) > 1 else criterion.label)
        sensitivity_charts.worlds(
            tables.worlds_picture(sample, means, axes),
            tables.limits(rule, axes[0]),
            tables.limits(rule, axes[1]) if len(axes) > 1 else [],
            titles,
            findings.rule_finding(rule),
        )
        st.caption(literal(findings.rule_certainty(rule)))
    net = net_of(criterion)
    known = _worth(place, sample, net.name, worth)
    if known is not None:
        said = findings.worth_finding(varied, known, months)
        if findings.pays(known):
            sensitivity_charts.worth(tables.worth_picture(varied, known), said)
        else:
            finding(said)
        st.caption(literal(findings.worth_certainty(varied, known, net)))
    worlds = sample.points.shape[0] * sample.points.shape[1]
    download(
        f"Download the {worlds:,} worlds as CSV",
        partial(tables.worlds_table, sample),
        "sampled_worlds.csv",
        help="Each world's assumptions, and the mean difference in retained ARR, ARR at the end and plan cost.",
    )
