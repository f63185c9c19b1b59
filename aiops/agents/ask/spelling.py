"""Nearest words: for slips of the finger, never for guesses."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

MOST_NEAR = 5


def distance(left: str, right: str, most: int) -> int:
    """Damerau-Levenshtein distance (optimal string alignment); `most` + 1 where it is larger than `most`."""
    if abs(len(left) - len(right)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        oldest, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, oldest[j - 2] + 1)
            row.append(cost)
    return min(row[-1], most + 1)


def allowance(word: str) -> int:
    """How many slips a word of this length may hold."""
    return 0 if len(word) < 4 else 1 if len(word) < 8 else 2


def nearest(word: str, known: Iterable[str]) -> tuple[str, int] | None:
    """The known word within the allowance that begins alike, and its distance; of equally near ones that of the same
    length. None where there is none, or where several are as near."""
    most = allowance(word)
    if not most:
        return None
    alike = [other for other in known if other[:1] == word[:1] and len(other) >= 3]
    found = [((distance(word, other, most), abs(len(word) - len(other))), other) for other in alike]
    close = sorted(pair for pair in found if pair[0][0] <= most)
    if not close or (len(close) > 1 and close[0][0] == close[1][0]):
        return None
    return close[0][1], close[0][0][0]


def near(word: str, known: Iterable[str]) -> list[str]:
    """Names that a person may have meant, for a question back."""
    return get_close_matches(word, sorted(set(known)), n=MOST_NEAR, cutoff=0.5)
