"""A matrix to start from: a software company of middle size, with three problems that such companies have."""

from __future__ import annotations

from sim.decide.coverage.matrix import Cell, Coverage, Pay, Stage, Team

STAGES = (
    Stage("Conversion"),
    Stage("Activation and onboarding", "first renewals"),
    Stage("First use and ramp-up", "first renewals"),
    Stage("Sustaining adoption"),
    Stage("Renewal", "renewals"),
    Stage("Upsell and cross-sell", "expansion"),
)
TEAMS = (
    Team("Sales", 900_000.0),
    Team("CSM", simulated=True),
    Team("Onboarding", 120_000.0),
    Team("Support", 90_000.0),
    Team("Professional services", 150_000.0),
    Team("Account management", 300_000.0),
)


def _share(rate: float) -> Pay:
    return Pay("share", rate)


_CELLS: dict[str, dict[str, Cell]] = {
    "Conversion": {
        "Sales": Cell("RA", _share(0.8)),
        "CSM": Cell("I"),
        "Onboarding": Cell("I"),
        "Professional services": Cell("C"),
    },
    "Activation and onboarding": {
        "Sales": Cell("I"),
        "CSM": Cell("C"),
        "Onboarding": Cell("RA", _share(0.7), ("Support",)),
        "Support": Cell("C"),  # the hidden dependency
        "Professional services": Cell("R", _share(0.6)),
    },
    "First use and ramp-up": {  # nobody's
        "CSM": Cell("R"),
        "Onboarding": Cell("R", _share(0.3)),
        "Support": Cell("C"),
    },
    "Sustaining adoption": {
        "CSM": Cell("RA", _share(0.2), ("Support",)),
        "Support": Cell("R", _share(0.5)),
        "Professional services": Cell("C"),
    },
    "Renewal": {
        "Sales": Cell("I", Pay("commission", 0.01)),  # the overlap
        "CSM": Cell("RA", _share(0.5)),
        "Support": Cell("I"),
        "Account management": Cell("C"),
    },
    "Upsell and cross-sell": {
        "Sales": Cell("I"),
        "CSM": Cell("R", _share(0.3)),
        "Account management": Cell("RA", Pay("commission", 0.08), ("CSM",)),
    },
}

EXAMPLE = Coverage(
    STAGES,
    TEAMS,
    tuple(tuple(_CELLS[stage.name].get(team.name, Cell()) for team in TEAMS) for stage in STAGES),
)
