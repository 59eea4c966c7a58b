"""What a conclusion hangs on as plain data: what the command line prints."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sim.decide.choice.criterion import Criterion
from sim.decide.compare import Summary, summarise
from sim.decide.sensitivity import findings
from sim.decide.sensitivity.flip import rule_of
from sim.decide.sensitivity.information import net_of, worth_of_knowing
from sim.decide.sensitivity.sobol import Indices, indices
from sim.decide.sensitivity.study import Sample
from sim.decide.sensitivity.tornado import Bar
from sim.decide.sensitivity.worlds import Change


def row_report(four: Mapping[str, Change], criterion: Criterion, worth: float) -> dict[str, Any]:
    """JSON: the conclusion in each shipped world, USD, candidate less plan in force; null: one trial has no error."""
    row = {name: summarise(criterion.figure(change, worth)) for name, change in four.items()}
    return {
        "finding": findings.row_finding(criterion, row),
        "worlds": {name: {"standing": findings.standing(figure), **_summary(figure)} for name, figure in row.items()},
    }


def tornado_report(bars: Sequence[Bar]) -> dict[str, Any]:
    """JSON: the conclusion at both ends of every range, the assumption that moves it most first."""
    return {
        "finding": findings.tornado_finding(bars),
        "assumptions": [
            {**bar._asdict(), "swing": bar.swing, "turns_at": bar.turns_at if bar.turns else None} for bar in bars
        ],
    }


def sample_report(sample: Sample, criterion: Criterion, worth: float, months: int) -> dict[str, Any]:
    """JSON: shares of the spread, where the conclusion flips and what it is worth to know more; null with no answer."""
    figure = sample.figure(criterion, worth)
    means = figure.mean(axis=2)
    shares = indices(means)
    varied = sample.design.varied
    report: dict[str, Any] = {
        "worlds": means.size,
        "trials": figure.shape[2],
        "varied": [chosen._asdict() for chosen in varied],
        "spread": None if shares is None else _shares(sample.design.names, shares),
    }
    rule = rule_of(sample.points, figure, varied)
    regions = [
        [{"assumption": part.name, "above": part.low, "at_most": part.high} for part in region]
        for region in rule.regions
    ]
    report["flips"] = {
        **rule._asdict(),
        "finding": findings.rule_finding(rule),
        "certainty": findings.rule_certainty(rule),
        "regions": regions,
    }
    net = net_of(criterion)
    known = worth_of_knowing(sample.points, sample.figure(net, worth))
    report["knowing"] = known and {
        "finding": findings.worth_finding(varied, known, months),
        "certainty": findings.worth_certainty(varied, known, net),
        "criterion": net.name,
        "mean": known.mean,
        "wrong": known.wrong,
        "everything": {"value": known.all_known, "low": known.all_low, "high": known.all_high},
        "everything_at_least": known.all_least,
        "assumptions": [
            {"name": name, "value": float(value), "low": float(low), "high": float(high)}
            for name, value, low, high in zip(
                sample.design.names, known.one_known, known.one_low, known.one_high, strict=True
            )
        ],
    }
    return report


def _shares(names: Sequence[str], found: Indices) -> dict[str, Any]:
    kinds = {"first": found[:3], "total": found[3:6]}
    return {
        "finding": findings.indices_finding(names, found),
        "assumptions": [
            {"name": name}
            | {
                kind: {end: float(values[j]) for end, values in zip(("share", "low", "high"), of, strict=True)}
                for kind, of in kinds.items()
            }
            for j, name in enumerate(names)
        ],
    }


def _summary(figure: Summary) -> dict[str, float | None]:
    return {name: value if math.isfinite(value) else None for name, value in asdict(figure).items()}
