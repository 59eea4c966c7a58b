"""What is known: the accounts, and the team that owns them."""

from sim.book.columns import ACCOUNT_COLUMNS, EVENTS, HISTORY_COLUMNS, TEAM_COLUMNS, Column, dictionary
from sim.book.history import History, Ledger, differences, ledger, read_history
from sim.book.read import probability_from_health, read_book
from sim.book.samples import SAMPLES, load_sample, load_sample_history
from sim.book.schema import Book, Team

__all__ = [
    "ACCOUNT_COLUMNS",
    "EVENTS",
    "HISTORY_COLUMNS",
    "SAMPLES",
    "TEAM_COLUMNS",
    "Book",
    "Column",
    "History",
    "Ledger",
    "Team",
    "dictionary",
    "differences",
    "ledger",
    "load_sample",
    "load_sample_history",
    "probability_from_health",
    "read_book",
    "read_history",
]
