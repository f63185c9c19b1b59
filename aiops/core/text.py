"""Text that others wrote, fit to be shown: what cannot be seen is written out, what is long is cut."""

from __future__ import annotations

import unicodedata

INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"})
"""Unicode's categories of controls, formats, line and paragraph separators, surrogates, private and unassigned codes.
They move the cursor, turn the reading direction or hide: with them an alert could show another diff than the one that
is approved."""

LAYOUT = "\n\t"


def visible(text: str) -> str:
    """`text` with every such character but line break and tab written out (`\\x1b`, `\\u202e`)."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(c) if unicodedata.category(c) in INVISIBLE and c not in LAYOUT else c for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def cut(text: str, limit: int) -> str:
    """At most `limit` characters; an ellipsis stands for the rest."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
