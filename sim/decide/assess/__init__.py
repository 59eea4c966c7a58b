"""Assess and repeat: what happened against what was promised, and what follows from it."""
