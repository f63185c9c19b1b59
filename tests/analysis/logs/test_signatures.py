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
        ("fatal: environment variable DB_URL is not set", Mechanism.CONFIG_MISSING_KEY),
        ("java.lang.OutOfMemoryError: Java heap space", Mechanism.RESOURCE_MEMORY_LIMIT),
    ],
)
def test_well_known_messages_speak_for_a_mechanism(line: str, mechanism: Mechanism) -> None:
    found = signature_of(line)
    assert found is not None
    assert found.mechanism == mechanism
    assert is_trouble(line) or mechanism in (Mechanism.CONFIG_MISSING_KEY, Mechanism.RESOURCE_MEMORY_LIMIT)


@pytest.mark.parametrize("line", ["GET /hotels 200 12ms", "server started on port 8083", "cache warmed"])
def test_ordinary_lines_say_nothing(line: str) -> None:
    assert signature_of(line) is None
    assert not is_trouble(line)
