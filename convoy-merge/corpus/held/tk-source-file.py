"""Conversion between knots and metres per second."""

KNOT = 0.514444


def to_ms(knots: float) -> float:
    # FIXME: negative values?
    return knots * KNOT


def to_knots(ms: float) -> float:
    return ms / KNOT
