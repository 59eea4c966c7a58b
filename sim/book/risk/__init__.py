"""Renewal risk, computed and checked: past renewals, cohorts, and how much of a book's dollars renews."""

from sim.book.risk.check import coverage, held_out, quality, reliability
from sim.book.risk.cohort import PUBLISHED, CohortFit, fit_cohort
from sim.book.risk.logistic import LogisticFit, affordable, fit_renewal
from sim.book.risk.outcomes import OUTCOME_COLUMNS, Outcomes, book_features, outcomes_of_history, read_outcomes
from sim.book.risk.overrides import Override, overridden, override_table, read_overrides
from sim.book.risk.retention import Retention, retention

__all__ = [
    "OUTCOME_COLUMNS",
    "PUBLISHED",
    "CohortFit",
    "LogisticFit",
    "Outcomes",
    "Override",
    "Retention",
    "affordable",
    "book_features",
    "coverage",
    "fit_cohort",
    "fit_renewal",
    "held_out",
    "outcomes_of_history",
    "overridden",
    "override_table",
    "quality",
    "read_outcomes",
    "read_overrides",
    "reliability",
    "retention",
]
