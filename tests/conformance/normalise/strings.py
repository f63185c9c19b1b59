"""Parts of texts that chance or the moment make: each is replaced by a word that says what stood there."""

from __future__ import annotations

import re
from collections.abc import Callable

SAFE = "bcdfghjklmnpqrstvwxz2456789"
"""The letters of generated suffixes (`k8s.io/apimachinery/pkg/util/rand`)."""

HASHED = "456789bcdf"
"""The letters of a hash's digits, written with those above."""

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_LONG_TIME = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}")
_FILE_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d{4}( [A-Z]+)?")
_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
_PEM = re.compile(r"(?:-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----\s*)+", re.DOTALL)
_PEM_ENCODED = re.compile(r"LS0tLS1CRUdJTi[A-Za-z0-9+/=]{40,}")
_POD = re.compile(rf"(?<=[a-z0-9]-)[{HASHED}]{{6,10}}-[{SAFE}]{{5}}(?![\w-])")
_HASH = re.compile(rf"(?<!\w)[{HASHED}]{{7,10}}(?=-?(?![\w-]))")
_MINUTE = re.compile(r"(?<=[a-z0-9]-)29\d{6}(?!\d)")
"""When a CronJob's Job was due: the minutes since 1970 are the end of its name."""

_SUFFIX = re.compile(rf"(?<=[a-z0-9]-)[{SAFE}]{{5}}(?![\w-])")
_EVENT = re.compile(r"(?<=[a-z0-9>]\.)[0-9a-f]{16}(?![\w-])")
_ADDRESS = re.compile(r"(?<![\d.])(?:10\.(?:96|244)\.\d{1,3}\.\d{1,3}|127\.0\.0\.1|192\.0\.2\.1)(?!\d|\.\d)")
_SERVER = re.compile(r"(?:127\.0\.0\.1|192\.0\.2\.1):\d{4,5}(?!\d)")
_NODE_PORT = re.compile(r"(?<![\w.-])3[0-2]\d{3}(?=/(?:TCP|UDP|SCTP))")
_NODE = re.compile(r"(?<![\w-])(node|zone)-[123](?![\w-])")
_VERSIONS = re.compile(r"(?<=resource version: )\d+(?: \(\d+\)|, current: \d+)?")
_COMPARED = re.compile(r"(ResourceVersion in (?:the precondition|record) )\(\d+\)")
_KLOG = re.compile(r"^[EWIF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ ([\w.]+):\d+\]", re.MULTILINE)
_TEMPORARY = re.compile(r"/\S*/(LIVE|MERGED)-\d+")

AGE = re.compile(r"(?:\d+y)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?")
"""A duration as tables show it; also matches nothing."""


class Masks:
    """Masks the texts of one script. Addresses and ports that the script itself names are kept."""

    def __init__(self, script: str, *, nodes_shown: bool) -> None:
        self._script = script
        self._nodes_shown = nodes_shown

    def mask(self, text: str) -> str:
        """The text without what chance or the moment made in it. Uids stay: their numbers need the order of answers."""
        for pattern, word in _WORDS:
            text = pattern.sub(word, text)
        text = _HASH.sub(self._unless_named("<hash>"), text)
        text = _ADDRESS.sub(self._unless_named("<ip>"), text)
        text = _NODE_PORT.sub(self._unless_named("<node-port>"), text)
        return text if self._nodes_shown else _NODE.sub(r"<\1>", text)

    def node_port(self, value: int) -> int | str:
        """A port that the API server chose is masked."""
        return value if str(value) in self._script else "<node-port>"

    def _unless_named(self, word: str) -> Callable[[re.Match[str]], str]:
        return lambda found: found[0] if found[0] in self._script else word


_WORDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (_PEM, "<certificate>"),
    (_PEM_ENCODED, "<certificate>"),
    (_TOKEN, "<token>"),
    (TIME, "<time>"),
    (_LONG_TIME, "<time>"),
    (_FILE_TIME, "<time>"),
    (_KLOG, r"<log> \1]"),
    (_TEMPORARY, r"<temporary>/\1"),
    (_VERSIONS, "<version>"),
    (_COMPARED, r"\1(<version>)"),
    (_MINUTE, "<minute>"),
    (_SERVER, "<server>"),
    (_POD, "<hash>-<x>"),
    (_EVENT, "<event>"),
    (_SUFFIX, "<x>"),
)
