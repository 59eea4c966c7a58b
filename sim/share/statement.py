"""A statement that can be printed: one CSM's pay under a plan, worked out line by line, as one file of HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np

from sim.decide.person.earnings import Earnings
from sim.decide.person.payslip import Payslip, Section
from sim.words import cents, exact_money

_STYLE = """
body { font: 11pt/1.45 -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; color: #1d2733; background: #fff;
  max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .2rem; } h2 { font-size: 1.1rem; margin: 1.6rem 0 .3rem; }
h3 { font-size: 1rem; margin: .9rem 0 0; } p { margin: .2rem 0; } .quiet { color: #566371; font-size: .92em; }
table { border-collapse: collapse; width: 100%; margin: .3rem 0; }
td, th { text-align: left; padding: .18rem .4rem; border-bottom: 1px solid #d5dbe2; font-weight: normal; }
td:last-child { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tr.sum td, tr.sum th { font-weight: 600; border-bottom: 2px solid #1d2733; }
section { break-inside: avoid; }
@media print { body { margin: 0; max-width: none; } @page { size: A4; margin: 18mm; } }
"""


class Person(NamedTuple):
    """Whose statement it is, as the team file says."""

    csm_id: str
    name: str
    level: str


def statement(
    person: Person, plan: str, basis: str, earned: Earnings, months: int, slips: Sequence[tuple[str, Payslip]]
) -> str:
    """A whole page of HTML: no scripts, nothing from the network, every text escaped.

    plan: its name. basis: where the measured figures come from, a sentence. slips: with the name of each payday.
    """
    title = f"Variable pay, worked out: {person.name}"
    paydays = "\n".join(_payday(label, slip) for label, slip in slips)
    total = sum(slip.cents for _, slip in slips)
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title><style>{_STYLE}</style></head>
<body>
<h1>{escape(person.name)}</h1>
<p class="quiet">{escape(person.csm_id)}, {escape(person.level)}. Plan: {escape(plan)}. {escape(basis)}</p>
<section><h2>Pay over {months} months</h2>
<table>
{_rows(_pay(earned))}
</table></section>
{paydays}
<section><table>
<tr class="sum"><th>Variable pay of this example</th><td>{cents(total)}</td></tr>
</table></section>
<p class="quiet">An example from a simulation, in USD. It is no promise of pay; the plan document decides.</p>
</body>
</html>
"""


def _pay(earned: Earnings) -> list[tuple[str, str]]:
    def whole(dollars: float) -> str:
        return exact_money(100 * round(dollars)) if np.isfinite(dollars) else "none"

    return [
        ("Base pay", whole(earned.base)),
        ("Target variable pay", whole(earned.target)),
        ("Variable pay, 1 in 10 is below", whole(earned.p10)),
        ("Variable pay, median", whole(earned.p50)),
        ("Variable pay, 1 in 10 is above", whole(earned.p90)),
    ]


def _rows(rows: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"<tr><td>{escape(text)}</td><td>{escape(value)}</td></tr>" for text, value in rows)


def _payday(label: str, slip: Payslip) -> str:
    sections = "\n".join(_section(section) for section in slip.sections)
    return f"""<section><h2>{escape(label)}</h2>
{sections}
<table><tr class="sum"><th>Paid</th><td>{cents(slip.cents)}</td></tr></table></section>"""


def _section(section: Section) -> str:
    basis = section.basis[0].upper() + section.basis[1:]
    lines = _rows([(line.text, cents(line.cents)) for line in section.lines])
    return f"""<h3>{escape(section.name)}</h3><p class="quiet">{escape(basis)}</p>
<table>
{lines}
<tr class="sum"><th>{escape(section.name)}</th><td>{cents(section.cents)}</td></tr>
</table>"""
