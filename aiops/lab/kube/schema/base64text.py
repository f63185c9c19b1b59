"""Base64 as Go's standard encoding reads it: padded, line ends ignored, an error that names the byte."""

from __future__ import annotations

import re
from base64 import b64decode

_WHOLE = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", re.ASCII)
_LINE_ENDS = str.maketrans("", "", "\r\n")


class WrongBase64Error(ValueError):
    """A text that is not base64; its message is Go's."""


def decoded_base64(text: str) -> bytes:
    """The bytes. Raises WrongBase64Error."""
    plain = text.translate(_LINE_ENDS)
    match = _WHOLE.match(plain)
    end = match.end() if match else 0
    if end == len(plain):
        return b64decode(plain)
    raise WrongBase64Error(f"illegal base64 data at input byte {_wrong_byte(plain, end)}")


def _wrong_byte(text: str, start: int) -> int:
    """The byte that Go complains of: of a group that is cut off, its first."""
    if start and text[start - 1] == "=":
        return start  # nothing may follow the padding
    group = text[start : start + 4]
    for place, char in enumerate(group):
        if char == "=":
            ended = place == 2 and start + 3 == len(text)
            return len(text) if ended else start + place
        if not re.fullmatch(r"[A-Za-z0-9+/]", char):
            return start + place
    return start
