"""Several roles at work on the same accounts, each person under a plan of her own, simulated at once.

To one person, what others do with her accounts is luck. So each role is walked by the same month loop, over its own
view of the book, and what all of them did decides which accounts renew and which deals are found and closed. Their
effort depends on what they have seen so far, and that on what the others did: the walk is repeated with what came out
of the one before. Month t hangs on the months before it only, so that after as many walks as there are months nothing
is left that could change (a waveform relaxation, exact because it is causal; Lelarasmee, Ruehli and
Sangiovanni-Vincentelli 1982). It ends earlier where nothing changed, to the bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from sim.engine.compile import REFERRALS, Terms
from sim.engine.draws import Draws
from sim.engine.outcome import Outcome
from sim.engine.philox import LANES
from sim.engine.run import n_threads, outcome, terms_of, walk, with_edit
from sim.engine.state import Results
from sim.plan.schema import Plan
from sim.roles.events import Events, Flags, deals, decided, lifts_of, renewals
from sim.roles.part import SUPPORT, Part, Place, check, n_accounts_of, place_of


def simulate_together(
    parts: Sequence[Part],
    plans: Sequence[Plan],
    support: float = SUPPORT,
    told: Callable[[float], None] = lambda share: None,
) -> tuple[Outcome, ...]:
    """What each part's plan brings, in the order of the parts, all on the same luck; deterministic and pure.

    An outcome's ARR is of the accounts that the part works on, whoever moved it: add up those of owners only. Pay is
    the part's own. support: as `SUPPORT`. told: the share that is done, now and then.
    Raises InputError when a quota cannot be set, and ValueError for parts that do not fit together.
    """
    check(parts)
    terms = [terms_of(part.stage, plan) for part, plan in zip(parts, plans, strict=True)]
    places = [place_of(part, n_accounts_of(parts)) for part in parts]
    first = parts[0].stage
    starts = range(0, -(-first.trials // LANES), first.draws.chunk)
    with ThreadPoolExecutor(n_threads()) as pool:
        chunks = []
        for chunk in pool.map(lambda start: _settled(parts, terms, places, support, start), starts):
            chunks.append(chunk)
            told(len(chunks) / len(starts))
    return tuple(
        outcome(part.stage, plan, its_terms, [chunk[number] for chunk in chunks])
        for number, (part, plan, its_terms) in enumerate(zip(parts, plans, terms, strict=True))
    )


def _settled(
    parts: Sequence[Part], terms: Sequence[Terms], places: Sequence[Place], support: float, start: int
) -> list[Results]:
    """The chunk of trials that begins at a block, walked until nothing changes."""
    luck = [part.stage.draws.at(start) for part in parts]
    done = [_walk(part, its, draws) for part, its, draws in zip(parts, terms, luck, strict=True)]
    if len(parts) == 1:
        return done
    found: Flags | None = None
    for settled in range(parts[0].stage.portfolio.n_months):
        lifts = [lifts_of(part, draws, its) for part, draws, its in zip(parts, luck, done, strict=True)]
        later = deals(parts, places, luck, lifts, settled)
        if found is None:
            found, closed = later
        else:  # what came before is final
            found[:, :, settled:], closed[:, :, settled:] = later
        events = Events(renewals(parts, places, luck, done, support), found, closed)
        before, done = done, []
        for part, its, draws, place, lift in zip(parts, terms, luck, places, lifts, strict=True):
            counted = lift if REFERRALS in its.measure else None
            done.append(_walk(part, its, with_edit(draws, partial(decided, part, place, counted, events))))
        if all(np.array_equal(was.reached, now.reached) for was, now in zip(before, done, strict=True)):
            break
    return done


def _walk(part: Part, terms: Terms, draws: Draws) -> Results:
    return walk(part.stage.field, terms, part.stage.anchor, draws, with_reached=True)
