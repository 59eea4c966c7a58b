"""What every export says of itself: enough to make its figures again, and for whom it was made."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import NamedTuple

from sim.book.schema import Book
from sim.engine.run import MODEL_VERSION
from sim.share.audience import Audience
from sim.share.link import Link, fingerprint_of

AUDIENCE_WORDS: dict[Audience, str] = {
    "summary": "totals only",
    "team": "CSMs by role, no pay",
    "full": "everything, pay included",
}
"""How each audience is called in a file."""
OWN_BOOK = "own book"


class Stamp(NamedTuple):
    """book: title of the sample, or that it is the reader's own; its files are not named. fingerprint: of the book, as
    links have it, never the hash under which it is kept. link: full address of the scenario, or empty."""

    seed: int
    trials: int
    months: int
    model: str
    made: date
    fingerprint: str
    book: str
    audience: Audience
    link: str = ""

    @property
    def moment(self) -> datetime:
        """The time that files bear, so that the same export gives the same bytes all day."""
        return datetime(self.made.year, self.made.month, self.made.day, tzinfo=UTC)

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Everything, as a table of two columns."""
        link = [("Link", self.link)] if self.link else []
        return [
            ("Book", self.book),
            ("Fingerprint of the book", self.fingerprint),
            ("Seed", str(self.seed)),
            ("Trials", f"{self.trials:,}"),
            ("Horizon, months", str(self.months)),
            ("Model version", self.model),
            ("Made on", self.made.isoformat()),
            ("For", f"{self.audience}: {AUDIENCE_WORDS[self.audience]}"),
            *link,
        ]

    @property
    def in_a_name(self) -> str:
        """Of a file that holds nothing but its table."""
        return (
            f"book-{self.fingerprint[:8]}_seed-{self.seed}_trials-{self.trials}_months-{self.months}"
            f"_model-{self.model}_{self.made.isoformat()}_{self.audience}"
        )

    @property
    def line(self) -> str:
        """Everything but the link, in one line."""
        return (
            f"{self.book} (fingerprint {self.fingerprint}), seed {self.seed}, {self.trials:,} trials, "
            f"{self.months} months, model {self.model}, {self.made.isoformat()}, for: {self.audience}"
        )


def stamp_of(link: Link, book: Book, made: date, audience: Audience, address: str = "") -> Stamp:
    """Of what a link holds. book: the sample, where the link is about one. address: where it leads, in full."""
    return Stamp(
        seed=link.seed,
        trials=link.trials,
        months=link.months,
        model=MODEL_VERSION,
        made=made,
        fingerprint=link.fingerprint or fingerprint_of(book),
        book=OWN_BOOK if link.fingerprint else f"sample book {link.sample}",
        audience=audience,
        link=address,
    )
