"""The picture of the matrix; drawn as those of ``charts``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from textwrap import wrap

import altair as alt

from pages.parts.charts import Spec, draw, kept
from sim.decide.coverage.matrix import Coverage
from sim.decide.coverage.picture import KINDS, PAID, PROBLEM, cell_table, headline
from sim.decide.coverage.rules import Finding

LINE = 18
"""Letters of a stage's name in a line."""


@cache
def _matrix_spec() -> Spec:
    # Upright, a word a line: a phone has 45 pixels for a column.
    words = "split(datum.label, ' ')"
    names = alt.Axis(orient="top", labelAngle=-90, labelExpr=words, labelLimit=120, labelOverlap=False, ticks=False)
    team = alt.X("team:N", title=None, sort=None, axis=names)
    lines = alt.Axis(labelExpr="split(datum.label, '\\n')", labelLimit=130, labelOverlap=False, ticks=False)
    stage = alt.Y("stage:N", title=None, sort=None, axis=lines)
    # First and second colour of the theme, and the third for what is singled out.
    legend = alt.Legend(orient="top", title=None, symbolOpacity=1)
    scale = alt.Scale(domain=list(KINDS))
    colour = alt.Color("kind:N", scale=scale, legend=legend)
    shade = alt.expr(f"datum.kind === '{PROBLEM}' ? 0.12 : datum.kind === '{PAID}' ? 0.22 : 0.08")
    edge = alt.expr(f"datum.kind === '{PROBLEM}' ? 1 : 0")
    told = [
        alt.Tooltip("stage:N"),
        alt.Tooltip("team:N"),
        alt.Tooltip("text:N", title="role"),
        alt.Tooltip("kind:N", title="pay"),
    ]
    base = alt.Chart().encode(x=team, y=stage, color=colour)
    cells = base.mark_rect(cornerRadius=4, fillOpacity=shade, strokeOpacity=edge, strokeWidth=1.8)
    cells = cells.encode(stroke=alt.Stroke("kind:N", scale=scale, legend=None), tooltip=told)
    letters = base.mark_text(fontSize=13, fontWeight="bold").encode(text="text:N")
    return kept(alt.layer(cells, letters).configure_scale(rectBandPaddingInner=0.08))


def matrix(coverage: Coverage, found: Sequence[Finding]) -> None:
    """Stages by teams, with the letters, a dollar sign where a team is paid, and the problems singled out."""
    title = headline(found)
    alt_text = f"{title}. Stages in rows, teams in columns; letters as in RACI, a dollar sign where paid."
    height = 150 + 44 * len(coverage.stages)
    data = cell_table(coverage, found)
    data["stage"] = data["stage"].map(
        lambda name: "\n".join(wrap(name, LINE, break_long_words=False, break_on_hyphens=False))
    )
    draw(_matrix_spec(), data, title, alt_text, height, "journey")
