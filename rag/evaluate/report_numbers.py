"""Names and values of measures as a person reads them."""

_SHORT = 0.1  # seconds; below them a tenth of a millisecond is told
_SMALL = 0.1  # of shares; below it two digits say little


def told(name: str, value: float) -> str:
    """A value as it is printed: shares with two digits or three, times in milliseconds, tokens whole."""
    if name.startswith("latency") or name == "seconds":
        return f"{value * 1000:,.{1 if abs(value) < _SHORT else 0}f} ms"
    if name == "tokens":
        return f"{value:,.0f}"
    return f"{value:.{3 if 0 < abs(value) < _SMALL else 2}f}"


def signed(name: str, value: float) -> str:
    """A difference as it is printed; zero has no sign."""
    said = told(name, abs(value))
    if not value:
        return said
    return f"{'-' if value < 0 else '+'}{said}"


def spoken(name: str) -> str:
    """The name of a measure for a person."""
    return name.replace("_", " ")
