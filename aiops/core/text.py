"""Text that others wrote, fit to be shown: what cannot be seen is written out, what is long is cut."""

from __future__ import annotations

import unicodedata

INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"})
"""Unicode's categories of controls, formats, line and paragraph separators, surrogates, private and unassigned codes.
They move the cursor, turn the reading direction or hide: with them an alert could show another diff than the one that
is approved."""

BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters, marks and symbols that show nothing."""

LAYOUT = "\n\t"


def visible(text: str) -> str:
    """`text` with every such character but line break and tab written out (`\\x1b`, `\\u202e`)."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(c) if _hidden(c) else c for c in text)


def _hidden(character: str) -> bool:
    if character in LAYOUT:
        return False
    selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    return selector or character in BLANKS or unicodedata.category(character) in INVISIBLE


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def cut(text: str, limit: int) -> str:
    """At most `limit` characters; an ellipsis stands for the rest."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
