"""What the wording of a data store's own log line speaks for.

The stores are PostgreSQL, MySQL, MongoDB, Redis, Kafka and etcd; the kernel speaks of their disks.
Only a store's own lines are meant: its clients repeat the words of what they got, and are not what is wrong."""

from __future__ import annotations

import re

from aiops.analysis.logs.signatures import Signature
from aiops.core.mechanism import Mechanism

STORED = r"(?:block|page|record|index|indexe|table|document|message|row|segment|value|file)s?|bson|data|entr(?:y|ies)"
"""What a store may find damaged."""

SIGNATURES = tuple(
    Signature(re.compile(pattern, re.IGNORECASE), mechanism, strength)
    for pattern, mechanism, strength in (
        (r"input/output error|\bI/O error\b(?! on \w+ request)|medium error|device error, dev|"
         r"\bunrecovered read error|\{error, ?eio\}|: eio\b|(drive|disk) is faulty|operating system error number 5\b|"
         r"remounting filesystem read-only|WT_PANIC",
         Mechanism.STORAGE_IO_ERROR, 0.85),
        (r"checksum (mismatch|error|fail\w*|verification failed)|page verification failed|invalid page in block|"
         r"(mismatch\w*|invalid|wrong|bad|unexpected|incorrect) (\w+ )?(checksum|crc\d*)\b|(checksum|crc\d*) .{0,60}"
         r"(does ?n[o']t match|mismatch|differs?|but expected)|unexpected zero page|missing chunk number|"
         rf"(corrupt(ed)?|damaged) (\w+ )?({STORED})\b|"
         rf"({STORED}) .{{0,80}}\b(is|are|was|were|seems?|appears?( to be)?) (corrupt(ed)?|damaged)\b|"
         r"page corruption|corruption (detected|found)|CorruptRecord|marked as crashed|incorrect key file|"
         r"invalid bson|bad file format reading", Mechanism.DATA_CORRUPTION, 0.8),
        (r"fsync is taking too long|disk is busy\?|slow fdatasync|(fsync|fdatasync|flush\w*|checkpoint) .{0,60}"
         r"(took|taking|running) (too long|for|expected)|intended loop took \d{4,} ?ms|page.cleaner took \d{4,} ?ms|"
         r"serverStatus was very slow|health check .{0,80}above the warn threshold|"
         r"checkpoint complete: .*\bsync=([1-9]\d|\d{3,})\.\d+ s|blocked for more than \d+ seconds",
         Mechanism.STORAGE_SLOW, 0.55),
        (r'role "[^"]+" does not exist|\bUserNotFound\b|could not find user', Mechanism.AUTH_USER_MISSING, 0.8),
        (r"permission denied for (table|relation|schema|sequence|database|function|view)|command denied to user|"
         r"not authorized on \S+ to execute|\bNOPERM\b|has no permissions to (run|access)",
         Mechanism.AUTH_ROLE_REVOKED, 0.7),
        (r"no pg_hba\.conf entry .*(SSL off|no encryption)|insecure transport are prohibited|"
         r"configured to only allow (SSL|TLS)", Mechanism.TLS_REQUIRED, 0.6),
    )
)  # fmt: skip


def store_signature_of(text: str) -> Signature | None:
    """The first signature that a line of a store meets."""
    return next((s for s in SIGNATURES if s.pattern.search(text)), None)
