"""What a forwarded connection answers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.kube.api.forwarding.conversation import Conversation
from aiops.lab.ports import HttpReply, Listener

GET = b"GET /x?y=1 HTTP/1.1\r\nHost: a\r\n\r\n"


def answer(method: str, path: str) -> HttpReply:
    return HttpReply(200, "OK", f"{method} {path}")


def test_a_connection_is_kept_for_more_requests() -> None:
    talk = Conversation(Listener(answer))
    for _ in range(2):
        back = talk.send(GET)
        assert back.startswith(b"HTTP/1.1 200 OK\r\n")
        assert back.endswith(b"\r\n\r\nGET /x")
    assert not talk.ended


def test_two_requests_at_once_get_two_answers() -> None:
    assert Conversation(Listener(answer)).send(GET + GET).count(b"HTTP/1.1 200 OK") == 2


def test_a_client_that_asks_to_close_is_obeyed() -> None:
    talk = Conversation(Listener(answer))
    assert b"200 OK" in talk.send(b"HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert talk.ended
    assert talk.send(GET) == b""


def test_a_body_may_be_announced() -> None:
    talk = Conversation(Listener(answer))
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
    assert talk.send(head).startswith(b"HTTP/1.1 100 ")
    assert talk.send(b"abc").endswith(b"POST /")


def test_what_is_no_http_is_told_so() -> None:
    talk = Conversation(Listener(answer))
    assert talk.send(b"PING\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert talk.ended


def test_a_process_without_http_closes_the_connection() -> None:
    talk = Conversation(Listener())
    assert talk.send(GET) == b""
    assert talk.ended


@given(st.lists(st.binary(max_size=60), max_size=6))
def test_no_bytes_break_it(pieces: list[bytes]) -> None:
    talk = Conversation(Listener(answer))
    for piece in [*pieces, b""]:
        back = talk.send(piece)
        assert not back or back.startswith(b"HTTP/1.1 ")
