"""How much more or less users want than the hour would let one expect, for reasons of their own."""

from __future__ import annotations

from functools import lru_cache
from math import exp
from zlib import crc32

import numpy as np

_WAVES = ((150.0, 0.05), (900.0, 0.07), (5400.0, 0.06))
"""Seconds between two turns of a wave, and the standard deviation of the logarithm."""


@lru_cache(maxsize=4096)
def _turn(seed: int, wave: int, number: int) -> float:
    """A standard normal number for each turn of a wave, whatever was drawn before."""
    key = np.array([seed, (number << 8) + (crc32(b"mood") & 0xFF) + wave], dtype=np.uint64)
    return float(np.random.Generator(np.random.Philox(key=key)).standard_normal())


def mood(seed: int, moment: float) -> float:
    """By how many times more often users come at a moment (unix seconds): 1 on average, and never jumping."""
    total = 0.0
    for wave, (seconds, deviation) in enumerate(_WAVES):
        number, within = divmod(moment / seconds, 1.0)
        before, after = _turn(seed, wave, int(number)), _turn(seed, wave, int(number) + 1)
        total += deviation * (before + (after - before) * within)
    return exp(total)
