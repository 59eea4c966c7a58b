"""What is known: the accounts, and the team that owns them."""

from sim.book.columns import ACCOUNT_COLUMNS, TEAM_COLUMNS, Column, dictionary
from sim.book.read import probability_from_health, read_book
from sim.book.samples import SAMPLES, load_sample
from sim.book.schema import Book, Team

__all__ = [
    "ACCOUNT_COLUMNS",
    "SAMPLES",
    "TEAM_COLUMNS",
    "Book",
    "Column",
    "Team",
    "dictionary",
    "load_sample",
    "probability_from_health",
    "read_book",
]
