"""The page's client and what keeps it up to date, on a scripted assistant without a browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from aiops.core.clock import pause
from aiops.core.errors import ConfigurationError, ServiceError, TransportError
from aiops.core.server_address import ServerAddress
from aiops.lab.serving import Served
from aiops.ui.api import ServerApi
from aiops.ui.following import StoryFollower
from aiops.ui.watching import Watch
from tests.ui.scripted import INCIDENT, TOKEN, Scripted, until_proposal

PATH = f"/api/incidents/{INCIDENT}"


@asynccontextmanager
async def connected(scripted: Scripted, token: str = TOKEN) -> AsyncIterator[ServerApi]:
    """A client of a scripted assistant over real HTTP."""
    async with Served(scripted.app()) as url:
        api = ServerApi(lambda: ServerAddress(url=url, token=token))
        yield api
        await api.close()


async def until(what: Callable[[], Any]) -> None:
    for _ in range(500):
        if what():
            return
        await pause(0.01)
    raise AssertionError("did not happen")


async def test_answers_and_errors() -> None:
    async with connected(Scripted(until_proposal())) as api:
        assert [i["id"] for i in await api.request("GET", "/api/incidents")] == [INCIDENT]
        assert len(await api.request("GET", f"{PATH}/events", after=5)) == 2
        with pytest.raises(ServiceError, match="no such incident") as missing:
            await api.request("GET", "/api/incidents/inc-9")
        assert missing.value.status == 404
        with pytest.raises(ServiceError, match="Not Found"):
            await api.request("POST", "/api/ask", {"question": "?"})


async def test_a_reply_that_breaks_off_is_no_answer() -> None:
    scripted = Scripted([])
    scripted.lose = {"/api/ask"}
    async with connected(scripted) as api:
        with pytest.raises(TransportError, match="no answer from the assistant at http://127"):
            await api.request("POST", "/api/ask", {"question": "?"})


async def test_the_server_is_looked_for_again_after_a_failure() -> None:
    asked: list[str] = []

    def locate() -> ServerAddress:
        asked.append("")
        if len(asked) == 1:
            raise ConfigurationError("no running assistant known")
        if len(asked) == 2:
            return ServerAddress(url="http://127.0.0.1:9", token="x")
        return ServerAddress(url=url, token="old" if len(asked) == 3 else TOKEN)

    async with Served(Scripted([]).app()) as url:
        api = ServerApi(locate)
        with pytest.raises(TransportError, match="no running assistant known"):
            await api.request("GET", "/api/status")
        with pytest.raises(TransportError, match=r"127\.0\.0\.1:9"):
            await api.request("GET", "/api/status")
        with pytest.raises(ServiceError, match="bearer token"):
            await api.request("GET", "/api/status")
        for _ in range(3):
            assert (await api.request("GET", "/api/status"))["autonomy"] == "approve"
        assert len(asked) == 4
        await api.close()


async def test_what_is_no_json_is_an_error_and_redirects_are_not_followed() -> None:
    async def text(_: Request) -> Response:
        return PlainTextResponse("<html>a proxy's page</html>", 502)

    async def elsewhere(_: Request) -> Response:
        return RedirectResponse("http://evil.example/")

    transport = httpx2.ASGITransport(app=Starlette(routes=[Route("/text", text), Route("/elsewhere", elsewhere)]))
    api = ServerApi(lambda: ServerAddress(url="http://assistant", token=TOKEN), transport=transport)
    for path, status in (("/text", 502), ("/elsewhere", 307)):
        with pytest.raises(ServiceError, match="no JSON") as error:
            await api.request("GET", path)
        assert error.value.status == status
    await api.close()


async def test_a_stream_that_is_refused_is_an_error_and_not_an_empty_one() -> None:
    async def refused(request: Request) -> Response:
        return PlainTextResponse('{"error": "not now"}', int(request.path_params["status"]))

    transport = httpx2.ASGITransport(app=Starlette(routes=[Route("/{status}", refused)]))
    async with ServerApi(lambda: ServerAddress(url="http://assistant", token=TOKEN), transport=transport) as api:
        for status in (302, 401, 404, 503):
            with pytest.raises(ServiceError, match="not now") as error:
                async for _ in api.stream(f"/{status}"):
                    pass
            assert error.value.status == status


async def test_a_follower_goes_on_behind_the_last_event() -> None:
    scripted = Scripted(until_proposal()[:3])
    seen: list[int] = []
    states: list[str] = []
    async with connected(scripted) as api:
        follower = StoryFollower(api, PATH, lambda event: seen.append(event["seq"]), states.append)
        await follower.load()
        assert seen == [1, 2, 3]
        task = asyncio.create_task(follower.run())
        for one in until_proposal()[3:5]:
            await scripted.tell(one["kind"], one["text"], one["data"])
        await until(lambda: len(seen) == 5)
        await scripted.drop()
        scripted.drop_streams = False
        await scripted.tell("note", "meanwhile", {})
        await until(lambda: len(seen) == 6)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert seen == [1, 2, 3, 4, 5, 6]
    assert scripted.streams == ["3", "5"]
    assert states == [], "a stream that ends in order is no trouble"


async def test_a_follower_tells_of_an_outage_and_of_its_end() -> None:
    scripted = Scripted(until_proposal()[:2])
    states: list[str] = []
    async with Served(scripted.app()) as url:
        servers = [ServerAddress(url="http://127.0.0.1:9", token=TOKEN), ServerAddress(url=url, token=TOKEN)]
        api = ServerApi(lambda: servers.pop(0))
        follower = StoryFollower(api, PATH, lambda _: None, states.append)
        task = asyncio.create_task(follower.run())
        await until(lambda: follower.story.seq == 2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await api.close()
    assert "no answer from the assistant" in states[0]
    assert states[-1] == ""


async def test_following_ends_where_there_is_no_such_incident() -> None:
    states: list[str] = []
    async with connected(Scripted([])) as api:
        await StoryFollower(api, "/api/nothing", lambda _: None, states.append).run()
    assert states == ["Not Found"]


async def test_the_watch_keeps_what_it_knows_while_the_server_is_away() -> None:
    scripted = Scripted(until_proposal())
    async with Served(scripted.app()) as url:
        servers = [ServerAddress(url=url, token=TOKEN)]
        api = ServerApi(lambda: servers[-1])
        watch = Watch(api)
        await watch.look()
        view = watch.overview
        assert (view.error, view.waiting) == ("", {INCIDENT})
        assert view.stories[INCIDENT].cause is not None
    servers.append(ServerAddress(url="http://127.0.0.1:9", token=TOKEN))
    await watch.look()
    assert "no answer" in view.error
    assert view.now is not None
    assert [i["id"] for i in view.incidents] == [INCIDENT]
    await api.close()


async def test_an_answer_of_another_shape_is_told() -> None:
    async def odd(_: Request) -> Response:
        return PlainTextResponse('[{"no": "id"}]')

    transport = httpx2.ASGITransport(app=Starlette(routes=[Route("/{path:path}", odd)]))
    watch = Watch(ServerApi(lambda: ServerAddress(url="http://assistant", token=TOKEN), transport=transport))
    await watch.look()
    assert watch.overview.error == "the assistant's answer cannot be read: KeyError('id')"


async def test_the_watch_looks_only_while_somebody_does_and_scans_for_the_home_page_alone() -> None:
    scripted = Scripted(until_proposal())
    scripted.answers["/api/scan"] = (200, {"findings": []})
    looks: list[str] = []
    async with connected(scripted) as api:
        watch = Watch(api)
        leave = watch.show(lambda: looks.append("incident"))
        await until(lambda: looks)
        assert scripted.gets == []
        leave_home = watch.show(lambda: looks.append("home"), scans=True)
        await watch.look()
        await until(lambda: watch.overview.scan is not None)
        assert scripted.gets == ["/api/scan"]
        leave()
        leave_home()
        told = len(looks)
        await watch.look()
        assert len(looks) == told
        assert scripted.gets == ["/api/scan"]


async def test_a_scan_that_is_not_there_is_told_politely() -> None:
    async with connected(Scripted([])) as api:
        watch = Watch(api)
        await watch.scan()
        assert watch.overview.scan_error == "This assistant does not look at the whole cluster."
