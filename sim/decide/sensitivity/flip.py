"""Where the conclusion flips: the simplest rule on the assumptions that tells the worlds in which it holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold
from sklearn.tree import DecisionTreeClassifier

from sim.decide.compare import CENT, Z_CLEAR
from sim.decide.sensitivity.ranges import Range

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MOST_REGIONS = 4
FOLDS = 5
SMALLEST_REGION = 0.03
"""Share of the sampled worlds."""


class Condition(NamedTuple):
    """Values of one assumption, above low and at most high; None where nothing limits it."""

    name: str
    low: float | None
    high: float | None


class Rule(NamedTuple):
    """wins: share of the sampled worlds in which the candidate wins.

    regions: where it does not win (``loses``), or where it does: in any of them, all conditions of it together. None
    when no rule is better than always saying what is usual.
    right: share of worlds that the rule tells right when it is made without them; usual: the same without a rule.
    untold: share of worlds in which the winner cannot be told from noise with the trials that they had.
    """

    wins: float
    loses: bool
    regions: tuple[tuple[Condition, ...], ...]
    right: float
    usual: float
    untold: float = 0.0


def rule_of(points: Floats, figure: Floats, varied: Sequence[Range]) -> Rule:
    """The rule for a conclusion (n_rows, n_a_row, n_trials), which the candidate wins where its mean is above zero."""
    means = figure.mean(axis=2)
    errors = figure.std(axis=2, ddof=1) / np.sqrt(figure.shape[2]) if figure.shape[2] > 1 else np.inf
    untold = float(np.mean(np.abs(means) <= Z_CLEAR * errors))
    return find_rule(points, means > CENT, varied)._replace(untold=untold)


def find_rule(points: Floats, wins: Bools, varied: Sequence[Range]) -> Rule:
    """The rule for worlds (n_rows, n_a_row, n_varied) and whether the candidate wins in each (n_rows, n_a_row).

    A tree with one region more is only taken when it tells worlds of other rows better by more than one standard error
    (Breiman et al. 1984); worlds of one row stay together, as they share values.
    """
    x, y = points.reshape(-1, points.shape[2]), wins.ravel()
    share = float(y.mean())
    usual = max(share, 1.0 - share)
    sizes = _right_by_size(x, y, np.repeat(np.arange(len(wins)), wins.shape[1]))
    if sizes is None:
        return Rule(share, share > 0.5, (), usual, usual)
    right = sizes.mean(axis=1)
    best = int(right.argmax())
    error = sizes[best].std(ddof=1) / np.sqrt(sizes.shape[1])
    size = 1 + int(np.argmax(right >= right[best] - error))
    if size == 1:
        return Rule(share, share > 0.5, (), usual, usual)
    regions = _regions(_tree(size).fit(x, y), varied)
    lost, won = [box for box, win in regions if not win], [box for box, win in regions if win]
    # Whatever takes fewer conditions to say; when it is even, the exception to what is usual.
    loses = (sum(map(len, lost)), share <= 0.5) <= (sum(map(len, won)), share > 0.5)
    return Rule(share, loses, tuple(lost if loses else won), float(right[size - 1]), usual)


def _tree(size: int) -> DecisionTreeClassifier:
    return DecisionTreeClassifier(max_leaf_nodes=size, min_samples_leaf=SMALLEST_REGION, random_state=0)


def _right_by_size(x: Floats, y: Bools, rows: NDArray[np.int64]) -> Floats | None:
    """Share told right in the part that a tree has not seen, by its number of regions from one: (MOST_REGIONS, FOLDS).

    None when there are too few rows, or no two outcomes to tell apart.
    """
    if rows[-1] + 1 < 2 * FOLDS or y.all() or not y.any():
        return None
    found = np.empty((MOST_REGIONS, FOLDS))
    for fold, (seen, rest) in enumerate(GroupKFold(FOLDS).split(x, y, rows)):
        usual = y[seen].mean() > 0.5
        found[0, fold] = np.mean(y[rest] == usual)
        for size in range(2, MOST_REGIONS + 1):
            found[size - 1, fold] = _tree(size).fit(x[seen], y[seen]).score(x[rest], y[rest])
    return found


Leaf = tuple[tuple[Condition, ...], bool]


def _regions(tree: DecisionTreeClassifier, varied: Sequence[Range]) -> list[Leaf]:
    """The leaves: what limits each (only the assumptions that do), and whether the candidate wins in it."""
    nodes = tree.tree_

    def under(node: int, box: dict[str, Condition]) -> list[Leaf]:
        if nodes.children_left[node] < 0:
            return [(tuple(box.values()), bool(tree.classes_[nodes.value[node, 0].argmax()]))]
        name, at = varied[nodes.feature[node]].name, float(nodes.threshold[node])
        _, low, high = box.get(name, Condition(name, None, None))
        below = under(nodes.children_left[node], box | {name: Condition(name, low, at)})
        above = under(nodes.children_right[node], box | {name: Condition(name, at, high)})
        if len(below) == len(above) == 1 and below[0][1] == above[0][1]:
            return [(tuple(box.values()), below[0][1])]  # a split that does not tell
        return below + above

    return under(0, {})
