"""The port that the server takes."""

from __future__ import annotations

import socket

import pytest

from aiops.cli.listening import listen, url_of
from aiops.core.errors import ConfigurationError


@pytest.fixture
def taken() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_free_port_is_taken(taken: int) -> None:
    with listen("127.0.0.1", taken, exact=True) as listener:
        assert listener.getsockname()[1] == taken


def test_a_busy_port_gives_the_next_one_and_says_so(taken: int, capsys: pytest.CaptureFixture[str]) -> None:
    with listen("127.0.0.1", taken, exact=True), listen("127.0.0.1", taken, exact=False) as second:
        assert second.getsockname()[1] > taken
    assert f"port {taken} is taken" in capsys.readouterr().err


def test_a_busy_port_that_must_be_that_one_is_an_error(taken: int) -> None:
    with listen("127.0.0.1", taken, exact=True), pytest.raises(ConfigurationError, match=str(taken)):
        listen("127.0.0.1", taken, exact=True)


@pytest.mark.parametrize("host", ["", " ", "no such host.example", "x" * 300])
def test_what_is_no_address_is_an_error(host: str) -> None:
    with pytest.raises(ConfigurationError, match="listen on"):
        listen(host, 0, exact=True)


def test_the_last_ports_are_tried_and_no_more() -> None:
    with pytest.raises(ConfigurationError, match=r"cannot listen on 192\.0\.2\.1:65530 to 65535"):
        listen("192.0.2.1", 65530, exact=False)


def test_an_address_of_ipv6_stands_in_brackets(taken: int) -> None:
    with listen("127.0.0.1", taken, exact=True) as listener:
        assert url_of("127.0.0.1", listener) == f"http://127.0.0.1:{taken}"
        assert url_of("::1", listener) == f"http://[::1]:{taken}"
