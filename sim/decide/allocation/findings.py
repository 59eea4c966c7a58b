"""What an allocation says, in words and as tables: where the next dollar belongs, who gains, who loses, how sure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.decide.allocation.allocate import CAP, FLOOR, LOSS, RATIO, Price, Team
from sim.decide.allocation.study import Study
from sim.decide.compare import Z_CLEAR
from sim.words import money, percent

Floats = NDArray[np.float64]

TODAY, PROPOSED = "today", "proposed"
SIMULATED, ASSUMED, HELD = "simulated", "assumed", "held"
MOST_PRICES = 3
CURVE_POINTS = 40


@dataclass(frozen=True)
class Concentration:
    """largest: the team with the most, and its share. herfindahl: sum of squared shares, 1 where one team has all.
    alike: 1 / herfindahl, how many teams of equal size would be as concentrated."""

    largest: str
    share: float
    herfindahl: float

    @property
    def alike(self) -> float:
        return 1.0 / self.herfindahl


def concentration(names: tuple[str, ...], dollars: Floats) -> Concentration | None:
    """dollars: (G,); None where nobody gets anything."""
    if not dollars.sum() > 0.0:
        return None
    share = dollars / dollars.sum()
    most = int(share.argmax())
    return Concentration(names[most], float(share[most]), float((share**2).sum()))


def _names(study: Study) -> tuple[str, ...]:
    return tuple(team.name for team in study.teams)


def is_held(team: Team) -> bool:
    """Whether its dollars cannot move."""
    return team.floor == team.cap


def _today(study: Study) -> Floats:
    return np.array([team.today for team in study.teams])


def _cents(value: float) -> str:
    return f"${value:,.2f}"


def headline(study: Study) -> str:
    """Where the next dollar belongs and what the best split is worth."""
    if not study.goes_anywhere:
        return _nothing_to_earn(study)
    gain = f"{money(study.gain, signed=True)} of ARR a year"
    error = f" ± {money(study.error)}" if np.isfinite(study.error) and study.error > 0.5 else ""
    against = f"{gain}{error} against today's shares of the same {money(study.limits.budget)}"
    if not study.best.next_dollar > 0.0:
        return f"Within these limits one more dollar earns nothing. The best split brings {against}."
    return f"The next dollar belongs to {_goes_to(study)}: it earns {_cents(study.best.next_dollar)} of ARR. {against}."


def _nothing_to_earn(study: Study) -> str:
    return (
        "In this world pay buys nothing: the cheapest allocation is the floors, "
        f"{money(float(study.best.dollars.sum()))} of {money(study.limits.budget)}."
    )


def _goes_to(study: Study) -> str:
    """Teams that share the next dollar, the one with most of it first; what is assumed of them is said."""
    order = [place for place in np.argsort(-study.best.goes_to, kind="stable") if study.best.goes_to[place] > 0.01]
    said = [
        study.teams[place].name + (" (assumed, not simulated)" if place >= study.n_simulated else "") for place in order
    ]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def doubts(study: Study) -> list[str]:
    """What the headline rests on, a sentence each."""
    said = []
    if study.flat and study.goes_anywhere:
        said.append(
            "In this world pay buys nothing from the CSMs: they are left at the least that is allowed, and what is "
            "gained is what was assumed of the other teams."
        )
    elif np.isfinite(study.error) and not study.flat:
        simulated = study.gain - study.assumed
        clear = abs(simulated) > Z_CLEAR * study.error
        said.append(
            f"Checked on the half of the trials that the split was not chosen on: {money(study.checked, signed=True)}."
            + ("" if clear else " What the simulated teams gain cannot be told from luck with these trials.")
        )
    if abs(study.assumed) > 0.5 and not study.flat:
        said.append(f"In it, {money(study.assumed, signed=True)} is what was assumed of teams outside the simulation.")
    unspent = study.limits.budget - float(study.best.dollars.sum())
    if unspent > 1.0 and study.goes_anywhere:
        said.append(f"{money(unspent)} is left unspent: it would earn nothing within these limits.")
    return said


def sagging(study: Study) -> list[str]:
    """Where a measured curve is not concave, and what that means."""
    said = []
    for team, curve in zip(study.teams, study.curves, strict=False):
        if curve.sagging is not None and curve.sag > 0.01 * np.ptp(curve.arr):
            low, high = (money(end) for end in curve.sagging)
            said.append(
                f"{team.name}: between {low} and {high} the simulated return lies below the straight line used here, "
                f"by up to {money(curve.sag)} of ARR. Only a plan that pays some of the team at one end and some at "
                "the other gets what the line says; one that pays all alike gets less."
            )
    return said


def price_sentences(study: Study) -> list[str]:
    """What the dearest limits cost; a team that is held where it is, because nothing is known of it, is none."""
    prices = [one for one in study.best.prices if one.kind == RATIO or not is_held(study.teams[one.team])]
    return [_price(study, one) for one in prices[:MOST_PRICES]]


def _price(study: Study, one: Price) -> str:
    if one.kind == RATIO:
        return f"The limit on dollars a head costs {_cents(one.worth)} of ARR for each dollar a head."
    name = study.teams[one.team].name
    capped = study.teams[one.team].cap <= study.teams[one.team].dollars[-1]
    what = {
        FLOOR: f"The floor of {name}",
        CAP: f"The cap of {name}" if capped else f"The most that was tried for {name}",
        LOSS: f"What {name} may lose at most",
    }[one.kind]
    return f"{what} costs {_cents(one.worth)} of ARR for each of its dollars."


def concentration_sentence(study: Study) -> str:
    """How concentrated incentive dollars are, against today."""
    now, then = (concentration(_names(study), dollars) for dollars in (_today(study), study.best.dollars))
    if then is None:
        return "Nobody gets incentive pay."
    share = f"{then.largest} gets {percent(then.share, 0)} of incentive dollars"
    if now is None:
        return f"{share}; today nobody gets any."
    same = "" if now.largest == then.largest else f" ({now.largest})"
    return (
        f"{share}, the largest share; today it is {percent(now.share, 0)}{same}. Concentration (Herfindahl) "
        f"{then.herfindahl:.2f} against {now.herfindahl:.2f}: as if {then.alike:.1f} teams shared alike, not "
        f"{now.alike:.1f}."
    )


def loss_sentence(study: Study) -> str:
    """What the loser loses most, against today."""
    change = study.best.dollars - _today(study)
    lost = int(change.argmin())
    if change[lost] > -0.5:
        return "No team gets less than today"
    team = study.teams[lost]
    return (
        f"{team.name} loses most: {money(-float(change[lost]))} a year, "
        f"{money(-float(change[lost]) / team.heads)} a head"
    )


def curve_finding(study: Study) -> str:
    """Where a dollar earns most and least as proposed, of the teams of which that is known."""
    known = [place for place, slope in enumerate(study.slope) if np.isfinite(slope) and not is_held(study.teams[place])]
    if not study.goes_anywhere:
        return "Every curve is flat: pay buys no ARR"
    if not known:
        return "Every team gets the most that was tried"
    most, least = (pick(known, key=lambda place: float(study.slope[place])) for pick in (max, min))
    high, low = _cents(float(study.slope[most])), _cents(float(study.slope[least]))
    if high == low:
        return f"One more dollar earns {high} of ARR in every team that can have it"
    return f"One more dollar earns {high} in {study.teams[most].name}, {low} in {study.teams[least].name}"


# --- tables -------------------------------------------------------------------------------------------------------


def team_table(study: Study) -> pd.DataFrame:
    """A row a team, USD a year: today's dollars and proposed, a head and in all, shares, the next dollar's ARR.

    basis: whether its return is simulated, assumed, or the team is held where it is because nothing is known of it.
    """
    basis = [SIMULATED if place < study.n_simulated else ASSUMED for place in range(len(study.teams))]
    basis = [HELD if is_held(team) else known for team, known in zip(study.teams, basis, strict=True)]
    simulated, held = (np.array([one == kind for one in basis]) for kind in (SIMULATED, HELD))
    heads = np.array([team.heads for team in study.teams])
    now, then = _today(study), study.best.dollars
    return pd.DataFrame(
        {
            "team": _names(study),
            "basis": basis,
            "people": heads,
            "today": now,
            "proposed": then,
            "change": then - now,
            "change_share": np.divide(then - now, now, out=np.full(len(now), np.nan), where=now > 0.0),
            "head_today": now / heads,
            "head_proposed": then / heads,
            "head_change": (then - now) / heads,
            "share_today": now / now.sum() if now.sum() > 0.0 else 0.0 * now,
            "share_proposed": then / then.sum() if then.sum() > 0.0 else 0.0 * then,
            "next_dollar": np.where(held, np.nan, study.slope),
            "next_dollar_error": np.where(simulated, study.slope_error, np.nan),
        }
    )


def change_bars(study: Study) -> pd.DataFrame:
    """For the picture: two bars a team, the change written at the proposed one; team, when, amount (USD a year), text.
    room: as far as bars and their texts go."""
    rows = []
    for team, dollars in zip(study.teams, study.best.dollars, strict=True):
        change = money(float(dollars) - team.today, signed=True)
        rows.append({"team": team.name, "when": PROPOSED, "amount": float(dollars), "text": change})
        rows.append({"team": team.name, "when": TODAY, "amount": team.today, "text": money(team.today)})
    bars = pd.DataFrame(rows)
    return bars.assign(room=1.4 * bars["amount"].max())


def curve_table(study: Study) -> pd.DataFrame:
    """For the picture: team, part (curve, its end, proposed or today), dollars, arr; USD a year and head;
    room: as far as curves and their names go. A team that is held where it is has no curve, and flat curves, which lie
    on one another, have one name."""
    rows = []
    flat = [team for team in study.teams if not is_held(team) and not np.ptp(team.arr) > 0.0]
    if flat:
        name = f"{len(flat)} flat" if len(flat) > 1 else flat[0].name
        rows.append((name, "end", max(float(team.dollars[-1]) / team.heads for team in flat), 0.0))
    for team, dollars in zip(study.teams, study.best.dollars, strict=True):
        if not np.ptp(team.dollars) > 0.0 or is_held(team):
            continue
        along = np.union1d(team.dollars, np.linspace(team.dollars[0], team.dollars[-1], CURVE_POINTS))
        points = [("curve", float(x)) for x in along]
        points += [("end", float(along[-1]))] if np.ptp(team.arr) > 0.0 else []
        points += [(PROPOSED, float(dollars)), (TODAY, team.today)]
        rows += [
            (team.name, part, x / team.heads, float(np.interp(x, team.dollars, team.arr)) / team.heads)
            for part, x in points
        ]
    table = pd.DataFrame(rows, columns=["team", "part", "dollars", "arr"])
    return table.assign(room=1.3 * table["dollars"].max())
