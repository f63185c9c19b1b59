"""Kinds of errors under the names of many runtimes and drivers."""

from __future__ import annotations

import pytest

from aiops.analysis.calls.error_kinds import ErrorKind, kind_of


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("name_not_resolved", ErrorKind.NAME),
        ("java.net.UnknownHostException", ErrorKind.NAME),
        ("dial tcp: lookup cart on 10.96.0.10:53: no such host", ErrorKind.NAME),
        ("socket.gaierror", ErrorKind.NAME),
        ("EAI_AGAIN", ErrorKind.NAME),
        ("connection_refused", ErrorKind.REFUSED),
        ("ECONNREFUSED", ErrorKind.REFUSED),
        ("java.net.ConnectException: Connection refused", ErrorKind.REFUSED),
        ("connection_reset", ErrorKind.RESET),
        ("ECONNRESET", ErrorKind.RESET),
        ("unexpected EOF", ErrorKind.RESET),
        ("timeout", ErrorKind.TIMEOUT),
        ("context deadline exceeded", ErrorKind.TIMEOUT),
        ("java.net.SocketTimeoutException", ErrorKind.TIMEOUT),
        ("no route to host", ErrorKind.UNREACHABLE),
        ("EADDRNOTAVAIL", ErrorKind.PORTS),
        ("x509: certificate is valid for a, not b", ErrorKind.CERTIFICATE),
        ("tls: first record does not look like a TLS handshake", ErrorKind.HANDSHAKE),
        ("authentication_failed", ErrorKind.LOGIN),
        ("WRONGPASS invalid username-password pair", ErrorKind.LOGIN),
        ("28P01", ErrorKind.LOGIN),
        ("Error 1045 (28000): Access denied for user 'app'@'10.244.1.7' (using password: YES)", ErrorKind.LOGIN),
        ("ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN.", ErrorKind.LOGIN),
        ("SignatureDoesNotMatch: The request signature we calculated does not match", ErrorKind.LOGIN),
        ("RequestTimeTooSkewed: The difference between the request time and the server's", ErrorKind.LOGIN),
        ("ACCESS_REFUSED - access to exchange 'events' in vhost '/' refused for user 'app'", ErrorKind.PERMISSION),
        ('FATAL: no pg_hba.conf entry for host "10.244.1.7", user "app", no encryption', ErrorKind.HANDSHAKE),
        ("Connections using insecure transport are prohibited", ErrorKind.HANDSHAKE),
        ("permission_denied", ErrorKind.PERMISSION),
        ("(Unauthorized) not authorized to execute command { find }", ErrorKind.PERMISSION),
        ("503", ErrorKind.ANSWER),
        ("404", ErrorKind.ANSWER),
        ("", ErrorKind.OTHER),
        ("java.lang.IllegalStateException", ErrorKind.OTHER),
    ],
)
def test_the_kind_of_an_error(error: str, kind: ErrorKind) -> None:
    assert kind_of(error) is kind
