"""Text that others wrote, marked as data for a model, so that it cannot pose as an instruction or as a turn."""

from __future__ import annotations

import re

_ANGLES = str.maketrans({"<": "‹", ">": "›"})
_MARK = re.compile(r"\[(/?[A-Z_]{3,})\]")
"""Chat templates mark turns by `<|im_end|>`, `</s>` or `[/INST]`, which a tokenizer would take for the real ones."""


def clipped(text: str, limit: int) -> str:
    """At most `limit` characters; what was cut is said."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text) - limit} more characters)"


def inert(text: str) -> str:
    """Text without anything that could close a block of data or open a turn of the conversation, nor control codes."""
    marked = _MARK.sub(r"(\1)", text.translate(_ANGLES))
    return "".join(c for c in marked if c in "\n\t" or c.isprintable())


def data_block(label: str, text: str, limit: int) -> str:
    """`text` between tags that it cannot contain itself, of at most about `limit` characters."""
    return f"<data name={label!r}>\n{inert(clipped(text, limit))}\n</data>"
