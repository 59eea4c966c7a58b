"""The questions in one table: words, and what each answer does to the plan and to the assumptions, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

Answers = Mapping[str, str]
"""Key of the option chosen, by key of the question."""

SMALL_TEAM, LARGE_TEAM = 5, 25
"""CSMs: up to the first a team is small, above the second it is large."""
SMALL_ARR, LARGE_ARR = 10e6, 100e6
"""USD a year: below the first a company is small, from the second on it is large."""

_WEAKER = ("churn_cut", "kappa_expansion", "kappa_kpi")
"""The response to pay, task by task."""


class Option(NamedTuple):
    """An answer. why: what it does to a plan with variable pay and for what reason, a sentence. on_salary: the same
    where the advice is a salary; empty where nothing is different. world: assumptions it multiplies, by which factor.
    """

    key: str
    text: str
    why: str
    on_salary: str = ""
    world: tuple[tuple[str, float], ...] = ()


class Question(NamedTuple):
    """source: what the direction rests on, and whose judgement the sizes are."""

    key: str
    text: str
    help: str
    source: str
    options: tuple[Option, ...]


def _times(factor: float, *names: str) -> tuple[tuple[str, float], ...]:
    return tuple((name, factor) for name in names)


QUESTIONS: tuple[Question, ...] = (
    Question(
        "clear",
        "Are goals clear and measurable?",
        "Clear: the figure comes out of a system, everybody knows how it is counted, and nobody can talk it up.",
        "What is not measured loses to what is paid (Holmstrom & Milgrom 1991). Factors: judgement, low confidence.",
        (
            Option(
                "yes",
                "Yes",
                "Goals are clear, so all of variable pay hangs on measured results.",
                "Goals are clear: once the rest is mended, variable pay can follow.",
            ),
            Option(
                "partly",
                "Partly",
                "Goals are only partly clear: less is at risk, part of it on objectives agreed each period, and people "
                "are taken to respond less to what they cannot verify.",
                "Goals are only partly clear: people are taken to respond less to what they cannot verify.",
                (*_times(0.75, *_WEAKER), ("mbo_noise", 1.5)),
            ),
            Option(
                "no",
                "No",
                "",
                "Goals are not clear: pay on them would follow the luck of the measure, so it is a salary, and people "
                "are taken to respond half as much to anything that is paid.",
                (*_times(0.5, *_WEAKER), ("mbo_noise", 2.0)),
            ),
        ),
    ),
    Question(
        "backed",
        "Does leadership back it?",
        "Will it stand by the goals for a year, pay out in a good year too, and not change quotas on the way?",
        "Late pay counts for less (field estimates run from 0.7 to 1; Chung, Steenburgh & Sudhir 2014 find some). That "
        "doubted pay does too, and how far: judgement, low confidence.",
        (
            Option(
                "yes",
                "Yes",
                "Leadership stands behind it, so the plan may pay as much in a good year as the shipped one does.",
                "Leadership stands behind it: what is promised for an event counts in full.",
            ),
            Option(
                "hesitant",
                "Until it gets dear",
                "Leadership may balk at large payouts: a cap that is known from the start is better than one put in "
                "later, and pay that people doubt counts for less.",
                "Leadership may balk at large payouts: pay that people doubt counts for less.",
                (("present_bias", 0.8),),
            ),
            Option(
                "no",
                "No",
                "",
                "Leadership does not back it: a plan that is changed or not paid costs more trust than it buys effort, "
                "so it is a salary, and promised pay counts for little.",
                (("present_bias", 0.6),),
            ),
        ),
    ),
    Question(
        "influence",
        "Can a CSM influence renewals and expansion?",
        "Whose work decides: would the result have been another one with another CSM?",
        "Pay for what effort moves (Holmstrom 1979). Factors: judgement, low confidence.",
        (
            Option(
                "both",
                "Both",
                "A CSM moves renewals and expansion, so pay hangs on both.",
                "A CSM moves renewals and expansion: effort is taken to move both.",
            ),
            Option(
                "retention",
                "Renewals",
                "Sales closes expansion: a CSM is paid for renewals and for opportunities passed on, and moves "
                "expansion half as much.",
                "Sales closes expansion: a CSM's effort is taken to move expansion half as much.",
                (("kappa_expansion", 0.5),),
            ),
            Option(
                "expansion",
                "Expansion",
                "Renewals are decided elsewhere: pay hangs on expansion, with more of it at risk as in sales, and "
                "effort hardly moves churn.",
                "Renewals are decided elsewhere: effort is taken to hardly move churn.",
                (("churn_cut", 0.25),),
            ),
            Option(
                "little",
                "Neither",
                "",
                "A CSM hardly moves results: pay on them would be a lottery, so it is a salary, and effort is taken to "
                "move next to nothing.",
                _times(0.1, *_WEAKER),
            ),
        ),
    ),
    Question(
        "size",
        "How large is the team?",
        "CSMs with accounts. Proposed from the book.",
        "Judgement: fitted quotas and gates need somebody to run them and accounts enough to be fair. Loss of an "
        "account manager: judgement, low confidence.",
        (
            Option(
                "small",
                f"Up to {SMALL_TEAM} CSMs",
                "A small team: one quota for everybody and no gates, a plan that needs nobody to run it; nobody can "
                "stand in for a CSM who leaves.",
                "A small team: nobody can stand in for a CSM who leaves.",
                (("orphan_penalty", 1.5),),
            ),
            Option(
                "medium",
                f"Up to {LARGE_TEAM}",
                "A middling team: quotas fit each book, so that nobody is paid for having been given easy accounts.",
                "A middling team: colleagues can stand in for a CSM who leaves as well as they usually do.",
            ),
            Option(
                "large",
                "More",
                "A large team: quotas fit each book, what is not retention waits for retention (a gate), sales to "
                "accounts that leave are taken off; colleagues can stand in for a CSM who leaves.",
                "A large team: colleagues can stand in for a CSM who leaves.",
                (("orphan_penalty", 0.75),),
            ),
        ),
    ),
    Question(
        "arr",
        "How large is ARR?",
        "Of the company, a year. Proposed from the book.",
        "From 10 to 30 % of on-target earnings (SBI), 20 to 30 % (Alexander Group); who takes which: judgement.",
        (
            Option(
                "small",
                f"Below ${SMALL_ARR / 1e6:.0f}M",
                "ARR is small: targets still move from half-year to half-year, so little is at risk.",
                "ARR is small, and so are the amounts for an event.",
            ),
            Option(
                "medium",
                f"Up to ${LARGE_ARR / 1e6:.0f}M",
                "ARR is middling: the customary share is at risk.",
                "ARR is middling: the amounts for an event are the usual ones.",
            ),
            Option(
                "large",
                "More",
                "ARR is large: results can be forecast, so more may be at risk.",
                "ARR is large: an event is worth more, and pays more.",
            ),
        ),
    ),
    Question(
        "paid_as",
        "Bonus or commission?",
        "A bonus pays for reaching a quota; a commission pays on each dollar, from the first one on.",
        "Quotas and ceilings make people stop (Misra & Nair 2011); pay on sales alone harms retention (Kim, Sudhir & "
        "Uetake). The split: judgement.",
        (
            # What is paid how hangs on what a CSM can influence: the reasons stand with the shapes.
            Option("bonus", "Bonus", ""),
            Option("both", "Both", ""),
            Option("commission", "Commission", ""),
        ),
    ),
    Question(
        "front",
        "How often is the front line paid?",
        "How long results take to show: pay that comes before them pays for luck.",
        "Short periods help low performers and hurt high ones where results are lumpy (Chung, Narayandas & Chang "
        "2021).",
        (
            Option(
                "month",
                "Monthly",
                "Paid monthly, close to the work; on the year to date, because a month holds few renewals.",
                "SPIFs are paid monthly, close to the event.",
            ),
            Option(
                "quarter",
                "Quarterly",
                "Paid quarterly, as most plans are; on the year to date, so that luck evens out.",
                "SPIFs are paid quarterly.",
            ),
            Option(
                "half",
                "Half-yearly",
                "Paid half-yearly: results take long to show, and each half-year holds enough of them to stand alone.",
                "SPIFs are paid half-yearly: it takes long to know whether an event was worth it.",
            ),
        ),
    ),
    Question(
        "leads",
        "And leads and managers?",
        "Applies to the levels 'lead' and 'manager' of the team file; others are paid as the front line.",
        "Practice: the further from the single account, the longer the period. Judgement.",
        (
            Option("same", "As the front line", "Leads and managers are paid as often as the front line."),
            Option(
                "longer",
                "Over longer periods",
                "Leads are measured over the next longer period, managers over the one after that: their work shows "
                "later.",
            ),
        ),
    ),
)
"""In the order in which they are asked."""
