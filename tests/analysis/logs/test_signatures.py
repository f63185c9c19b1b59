from __future__ import annotations

import pytest

from aiops.analysis.logs.signatures import is_trouble, signature_of
from aiops.core.mechanism import Mechanism


@pytest.mark.parametrize(
    ("line", "mechanism"),
    [
        ("tls: failed to verify certificate: x509: certificate has expired", Mechanism.TLS_CERTIFICATE_EXPIRED),
        ('pods is forbidden: User "system:serviceaccount:a:b" cannot list', Mechanism.AUTH_RBAC_DENIED),
        ("dial tcp: lookup geoo on 10.96.0.10:53: no such host", Mechanism.CONFIG_ENV_VALUE),
        ("fatal: environment variable DB_URL is not set", Mechanism.CONFIG_ENV_MISSING),
        ("KeyError: 'DB_URL'", Mechanism.CONFIG_ENV_MISSING),
        ("exec /app/server: exec format error", Mechanism.IMAGE_ARCHITECTURE),
        ("flag provided but not defined: -listen", Mechanism.CONFIG_COMMAND),
        ("error: unrecognized arguments: --workers", Mechanism.CONFIG_COMMAND),
        ("sh: 1: /app/serve: not found", Mechanism.CONFIG_COMMAND),
        ("could not load /etc/app/settings.yaml: yaml: line 3: did not find expected key", Mechanism.CONFIG_FILE),
        ("open /etc/app/config.json: no such file or directory", Mechanism.CONFIG_FILE),
        ('nginx: [emerg] unknown directive "servr" in /etc/nginx/nginx.conf:3', Mechanism.CONFIG_FILE),
        ("rpc error: code = Unimplemented desc = unknown method GetV2", Mechanism.ROLLOUT_PARTIAL),
        ("decode reply: schema version 1 of cart, want 2", Mechanism.ROLLOUT_PARTIAL),
        ("pydantic: field 'currency' is missing (protocol version 3, expected 4)", Mechanism.ROLLOUT_PARTIAL),
        ("serde: missing field `total` at line 1 column 80", Mechanism.ROLLOUT_PARTIAL),
        ("listen tcp :8080: bind: address already in use", Mechanism.CONFIG_SIDECAR),
        ("java.lang.OutOfMemoryError: Java heap space", Mechanism.RESOURCE_MEMORY_LIMIT),
    ],
)
def test_well_known_messages_speak_for_a_mechanism(line: str, mechanism: Mechanism) -> None:
    found = signature_of(line)
    assert found is not None
    assert found.mechanism == mechanism
    assert is_trouble(line)


@pytest.mark.parametrize("line", ["GET /hotels 200 12ms", "server started on port 8083", "cache warmed"])
def test_ordinary_lines_say_nothing(line: str) -> None:
    assert signature_of(line) is None
    assert not is_trouble(line)


def test_a_full_heap_is_a_limit_a_heap_or_a_leak() -> None:
    known = signature_of("FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory")
    assert known is not None
    assert {mechanism for mechanism, _ in known.also} == {Mechanism.APP_MEMORY_LEAK, Mechanism.APP_GARBAGE_COLLECTION}
