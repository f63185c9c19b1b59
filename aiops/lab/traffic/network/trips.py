"""What single packets meet on a way whose delays and losses are known as shares and moments."""

from __future__ import annotations

from math import log, pi, sin, sqrt
from typing import NamedTuple

from aiops.lab.logs.wording import mixed
from aiops.lab.traffic.network.interference import Path

_LOST, _SHARE, _PACKET, _DELAY = 0, 1, 1_000, 1_000_000
"""Where the numbers begin that are drawn for the connection, for small differences, packets and round trips."""


class Trip(NamedTuple):
    """One connection on a `way`; equal keys meet the same."""

    way: Path
    key: int

    @property
    def lost(self) -> bool:
        """Whether what is asked on the connection comes to nothing, however often packets are sent again."""
        return bool(self.way.lost) and self._drawn(_LOST) < self.way.lost

    def seconds(self, number: int) -> float:
        """How much longer than usual the round trip with this number takes, with all packets that are sent again."""
        if not self.way.variance:
            return self.way.delay
        first, second = self._drawn(_DELAY + 2 * number), self._drawn(_DELAY + 2 * number + 1)
        normal = sqrt(-2.0 * log(first)) * sin(2.0 * pi * second)
        return max(self.way.delay + sqrt(self.way.variance) * normal, 0.0)

    def share(self, number: int) -> float:
        """Of what no two round trips have alike: above 0, at most 1."""
        return self._drawn(_SHARE + number)

    def dropped(self, number: int) -> bool:
        """Whether the packet with this number does not arrive whole."""
        arrives = (1.0 - self.way.dropped) * (1.0 - self.way.broken)
        return arrives < 1.0 and self._drawn(_PACKET + number) >= arrives

    def _drawn(self, number: int) -> float:
        """Above 0, at most 1."""
        return ((mixed(self.key, number) >> 11) + 1) / 2**53
