"""The page on the journey's coverage without a browser."""

from __future__ import annotations

from test_app import assert_sound, open_app, visit


def test_it_opens_with_the_example_and_its_findings():
    at = visit(open_app(), "coverage")
    assert_sound(at)
    print([m.value for m in at.markdown])
