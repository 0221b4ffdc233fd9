"""Exit codes, and the one that several runs together deserve."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.verdict import Conclusion

CONFORMS, BROKEN, WRONG, INCONCLUSIVE = 0, 1, 2, 3
_WORST_FIRST = (BROKEN, WRONG, INCONCLUSIVE, CONFORMS)

OF = {
    Conclusion.CONFORMS: CONFORMS,
    Conclusion.VIOLATES: BROKEN,
    Conclusion.INCONCLUSIVE: INCONCLUSIVE,
}


def worst(codes: Iterable[int]) -> int:
    """A broken contract outranks what could not be checked, and that what could not be reached."""
    found = set(codes) or {INCONCLUSIVE}
    return next(code for code in _WORST_FIRST if code in found)
