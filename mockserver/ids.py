"""The only caller of `random`: every id and every chance, from one seed."""

from __future__ import annotations

import base64
import random

_FIXED = 0xF000_C000 << 48  # the bits of a UUID that say its version and variant (RFC 9562, 4)
_VERSION_4 = 0x4000_8000 << 48


class Ids:
    """Ids in the vendors' shapes. The same seed gives the same sequence."""

    def __init__(self, seed: int | str = 0) -> None:
        self._random = random.Random(f"countermand-{seed}")

    def object_id(self) -> str:
        """24 lower-case hex digits, as MongoDB writes them."""
        return f"{self._random.getrandbits(96):024x}"

    def guid(self) -> str:
        """A version 4 UUID with dashes."""
        digits = f"{self._random.getrandbits(128) & ~_FIXED | _VERSION_4:032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def hex(self, digits: int) -> str:
        """Lower-case hex digits."""
        return f"{self._random.getrandbits(digits * 4):0{digits}x}"

    def base64(self, size: int) -> str:
        """`size` random bytes in base64."""
        return base64.b64encode(self._random.randbytes(size)).decode("ascii")

    def chance(self) -> float:
        """A number in [0, 1)."""
        return self._random.random()

    def lognormal(self, median: float, sigma: float) -> float:
        """A number around `median`, as latencies are spread."""
        return median * self._random.lognormvariate(0.0, sigma)
