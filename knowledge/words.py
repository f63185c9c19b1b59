"""Text as weighted features: words without their endings, and pieces of long words for what is misspelt or compound."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

PIECE = 4
PIECE_WEIGHT = 0.25
"""A word of n letters has n - 3 pieces: together they count about as much as the word."""

_WORD = re.compile(r"[A-Za-z][a-z]+|[A-Z]+(?![a-z])|[a-z]+|\d+")
_WHOLE = re.compile(r"[A-Za-z0-9]+")
_ENDINGS = ("ingly", "edly", "ations", "ation", "ions", "ing", "ies", "ied", "ion", "ed", "es", "ly", "s", "e", "y")
_COMMON = frozenset(
    re.findall(
        r"[a-z]+",
        """
    a about after all also an and any are as at be been but by can cannot could did do does for from get gets got
    had has have how i if in into is it its just me my no none not now of on only or our out should so some still
    than that the their them then there these they this to too up us was we were what when where which while who why
    will with would you your
    """,
    )
)


def features(text: str) -> Counter[str]:
    """Each feature with its weighted count. `CrashLoopBackOff` counts whole and as its four words."""
    found: Counter[str] = Counter()
    for whole, times in Counter(_WHOLE.findall(text)).items():
        for feature, weight in _features_of(whole):
            found[feature] += weight * times  # type: ignore[assignment]  # weights are parts
    return found


@lru_cache(maxsize=20_000)
def _features_of(whole: str) -> tuple[tuple[str, float], ...]:
    """The features of one run of letters and digits, each with its weight. Remembered: a text repeats its words."""
    parts = {whole.lower(), *(part.lower() for part in _WORD.findall(whole))}
    return tuple(feature for word in sorted(parts - _COMMON) for feature in _weighted(word))


def _weighted(word: str) -> Iterator[tuple[str, float]]:
    stem = stemmed(word)
    yield stem, 1
    if len(stem) > PIECE:
        for start in range(len(stem) - PIECE + 1):
            yield f"~{stem[start : start + PIECE]}", PIECE_WEIGHT


def stemmed(word: str) -> str:
    """A word without its commonest English endings; at least four letters stay."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
