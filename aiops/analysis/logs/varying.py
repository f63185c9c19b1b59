"""Patterns of what varies from log line to log line: times, numbers, addresses, paths, identifiers, truth values.

The rules are those by which corrected templates of public logs were made (Khan et al., "Guidelines for Assessing the
Accuracy of Log Message Template Identification Techniques", ICSE 2022). No rule knows a system.
"""

from __future__ import annotations

import re

_CLOCK = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_HEX = "[0-9a-fA-F]"
_END = r"(?!\w)"
_IN_PATH = r"[^\s\"'<>()\[\]{},;|:=]"

_POD = r"(?<=[a-z0-9]-)(?=[a-z]*[0-9])[a-z0-9]{6,10}-[a-z0-9]{5}" + _END
_UUID = rf"{_HEX}{{8}}-(?:{_HEX}{{4}}-){{3}}{_HEX}{{12}}{_END}"
_HARDWARE_ADDRESS = rf"(?:{_HEX}{{2}}:){{5,}}{_HEX}{{2}}{_END}"
_HASH = rf"(?:{_HEX}{{8,}}+|(?=[a-fA-F]*[0-9]){_HEX}{{6,7}}+){_END}"

_FROM_DIGITS = (
    rf"[0-9]{{4}}[-/.][0-9]{{2}}[-/.][0-9]{{2}}[T ]{_CLOCK}(?:Z|[+-][0-9]{{2}}:?[0-9]{{2}})?{_END}",
    _UUID,
    _HARDWARE_ADDRESS,
    rf"/?[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}}(?:[:/][0-9]+)?{_END}",
    rf"\.{{0,2}}/(?=[^\s/]){_IN_PATH}*(?!\.){_IN_PATH}(?:\.(?=\s))?",
    _POD,
    rf"0[xX]{_HEX}++{_END}",
    _HASH,
    r"[-+]?[0-9]\w*(?:[.\-@+/]\w+|[:,][0-9]\w*)*",
)
"""What varies and begins with a digit, a sign, a point or a slash."""

_FROM_LETTERS = (
    rf"{_DAY},? {_MONTH} +[0-9]{{1,2}} {_CLOCK}(?: [A-Z]{{3,4}})?(?: [0-9]{{4}})?{_END}",
    rf"{_MONTH} +[0-9]{{1,2}} {_CLOCK}{_END}",
    r"(?:true|True|TRUE|false|False|FALSE|null)(?![\w\-])",
    rf"[a-fA-F]{{8,}}+{_END}",
)

_PLAIN = r"[A-Za-z]++(?:[\s,;()]|$)"
"""A word of letters only, which none of the patterns below takes."""

_FROM_WORDS = (
    r"[A-Za-z][A-Za-z0-9+.\-]{1,20}://[^\s\"'<>()\[\]{},;|]*[^\s\"'<>()\[\]{},;|.:]",
    r"[A-Za-z]:\\[^\s\"'<>|]*",
    rf"(?:[A-Za-z][A-Za-z0-9\-]{{0,62}}+\.){{2,8}}+(?<=\.)[A-Za-z]{{2,63}}+:[0-9]{{2,5}}{_END}",
    _UUID,
    _HARDWARE_ADDRESS,
    _POD,
    _HASH,
    rf"v[0-9]+(?:\.[0-9]+)+{_END}",
    r"[A-Za-z]++_-?[0-9]\w*(?:[.\-]\w+)*",
    r"[A-Za-z]\w*[0-9]{4}\w*",
)

# Anybody can write a log line, so each pattern takes time in proportion to its length. All of them begin where a word
# may begin, and only those are tried that may begin with its first character, which is what keeps them fast.
VARYING = re.compile(
    rf"(?<!\w)(?:(?=[0-9+\-./])(?:{'|'.join(_FROM_DIGITS)})"
    rf"|(?=[A-Za-z])(?:{'|'.join(_FROM_LETTERS)}|(?!{_PLAIN})(?:{'|'.join(_FROM_WORDS)})))"
)
