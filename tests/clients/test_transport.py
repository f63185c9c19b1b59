"""Retries, time-outs and errors of the HTTP layer."""

from __future__ import annotations

import httpx2
import pytest

from aiops.clients.transport import BearerAuth, HttpService, Retry
from aiops.core.errors import (
    ClusterUnreachableError,
    ConfigurationError,
    ConflictError,
    DeniedError,
    NotFoundError,
    ServiceError,
    TransportError,
)


def service(script, answer, retry=None, **more):
    made = script(answer)
    return made, HttpService("Thing", "http://thing:9", transport=made.transport, retry=retry or Retry(3, 0.0), **more)


async def test_reads_json(script):
    _, http = service(script, lambda _: httpx2.Response(200, json={"a": 1}))
    assert await http.get_json("/x", {"q": "1"}) == {"a": 1}


@pytest.mark.parametrize(
    ("status", "kind"), [(404, NotFoundError), (409, ConflictError), (403, DeniedError), (400, ServiceError)]
)
async def test_maps_status_to_errors(script, status, kind):
    _, http = service(script, lambda _: httpx2.Response(status, json={"message": "because"}))
    with pytest.raises(kind, match=r"Thing at http://thing:9: because") as caught:
        await http.get("/x")
    assert caught.value.status == status


async def test_an_error_body_that_is_no_json_is_quoted(script):
    _, http = service(script, lambda _: httpx2.Response(500, text="<h1>broken</h1>"))
    with pytest.raises(ServiceError, match="HTTP 500 <h1>broken</h1>"):
        await http.get("/x")


async def test_an_answer_that_is_no_json_is_an_error(script):
    _, http = service(script, lambda _: httpx2.Response(200, text="hello"))
    with pytest.raises(ServiceError, match="not JSON: 'hello'"):
        await http.get_json("/x")


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_reads_are_tried_again(script, status):
    answers = iter([httpx2.Response(status), httpx2.Response(status), httpx2.Response(200, json=1)])
    made, http = service(script, lambda _: next(answers))
    assert await http.get_json("/x") == 1
    assert len(made.requests) == 3


async def test_reads_are_given_up_after_the_last_try(script):
    made, http = service(script, lambda _: httpx2.Response(503, text="busy"))
    with pytest.raises(ServiceError, match="busy"):
        await http.get("/x")
    assert len(made.requests) == 3


async def test_other_errors_are_not_tried_again(script):
    made, http = service(script, lambda _: httpx2.Response(500))
    with pytest.raises(ServiceError):
        await http.get("/x")
    assert len(made.requests) == 1


async def test_a_long_retry_after_is_reported_at_once(script):
    made, http = service(script, lambda _: httpx2.Response(429, headers={"Retry-After": "120"}))
    with pytest.raises(ServiceError):
        await http.get("/x")
    assert len(made.requests) == 1


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
async def test_writes_are_sent_once(script, method):
    def refuse(request):
        raise httpx2.ConnectError("refused", request=request)

    made, http = service(script, refuse)
    with pytest.raises(TransportError, match="Thing at http://thing:9 did not answer: ConnectError refused"):
        await http.send(method, "/x")
    assert len(made.requests) == 1


async def test_a_broken_connection_is_tried_again(script):
    calls = []

    def flaky(request):
        calls.append(request)
        if len(calls) == 1:
            raise httpx2.ReadTimeout("slow", request=request)
        return httpx2.Response(200, json="ok")

    _, http = service(script, flaky)
    assert await http.get_json("/x") == "ok"


async def test_the_token_is_sent_and_never_told(script):
    made, http = service(script, lambda _: httpx2.Response(401, text="no"), auth=BearerAuth("s3cret"))
    with pytest.raises(ServiceError) as caught:
        await http.get("/x")
    assert made.requests[0].headers["Authorization"] == "Bearer s3cret"
    assert "s3cret" not in str(caught.value)
    assert caught.value.status == 401


async def test_credentials_in_the_address_are_never_told(script):
    made = script(lambda _: httpx2.Response(500))
    http = HttpService("Thing", "http://user:hunter2@thing:9", transport=made.transport)
    with pytest.raises(ServiceError) as caught:
        await http.get("/x")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", ["thing:9090", "ftp://thing", "", "http://"])
def test_an_address_that_is_none_is_named(url):
    with pytest.raises(ConfigurationError, match="address of Thing"):
        HttpService("Thing", url)


@pytest.mark.parametrize("status", [401, 502, 503, 504])
@pytest.mark.parametrize("method", ["GET", "PATCH"])
async def test_a_cluster_that_nobody_can_work_with_is_unreachable(script, status, method):
    _, http = service(script, lambda _: httpx2.Response(status, text="away"), cluster=True)
    with pytest.raises(ClusterUnreachableError, match="away") as caught:
        await (http.get("/x") if method == "GET" else http.send(method, "/x"))
    assert caught.value.status == status


async def test_a_cluster_without_an_answer_is_unreachable_and_another_service_is_not(script):
    def fail(_):
        raise httpx2.ConnectError("refused")

    _, cluster = service(script, fail, cluster=True)
    with pytest.raises(ClusterUnreachableError, match="refused"):
        await cluster.get("/x")
    _, other = service(script, fail)
    with pytest.raises(TransportError) as caught:
        await other.get("/x")
    assert not isinstance(caught.value, ClusterUnreachableError)


async def test_a_refusal_of_a_cluster_is_an_answer(script):
    _, http = service(script, lambda _: httpx2.Response(403, text="no"), cluster=True)
    with pytest.raises(DeniedError):
        await http.get("/x")


async def test_a_body_that_cannot_be_unpacked_is_no_answer(script):
    headers = {"content-encoding": "gzip"}
    _, http = service(script, lambda _: httpx2.Response(200, headers=headers, stream=httpx2.ByteStream(b"no gzip")))
    with pytest.raises(TransportError, match="DecodingError"):
        await http.get("/x")


async def test_one_look_reads_everything_once_and_writes_as_ever(script):
    made, http = service(script, lambda request: httpx2.Response(200, json=str(request.url)))
    look = http.reading_once()
    assert await look.get_json("/x", {"q": "1"}) == await look.get_json("/x", {"q": "1"})
    await look.get_json("/x", {"q": "2"})
    await look.get_json("/x", {"q": "2"}, httpx2.Headers({"Tenant": "a"}))
    assert len(made.requests) == 3
    await look.send("POST", "/x")
    await look.send("POST", "/x")
    await http.get_json("/x", {"q": "1"})
    await http.reading_once().get_json("/x", {"q": "1"})
    assert len(made.requests) == 7


async def test_an_answer_belongs_to_each_reader_of_a_look(script):
    _, http = service(script, lambda _: httpx2.Response(200, json={"items": []}))
    look = http.reading_once()
    (await look.get_json("/x"))["items"].append("mine")
    assert await look.get_json("/x") == {"items": []}
