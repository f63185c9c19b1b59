from __future__ import annotations

import re

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from aiops.ui.headers import SafeHeaders

HTML = "<html><style>a{}</style><script>1</script><script src='/x'></script><p>&lt;script&gt; scripture</p></html>"


async def _html(_: Request) -> Response:
    return HTMLResponse(HTML)


async def _parts(_: Request) -> Response:
    return StreamingResponse(iter([HTML[:20], HTML[20:60], HTML[60:]]), media_type="text/html")


async def _json(request: Request) -> Response:
    return JSONResponse({"prefix": request.headers.get("x-forwarded-prefix"), "html": "<script>"})


def _client() -> httpx2.AsyncClient:
    app = SafeHeaders(Starlette(routes=[Route("/html", _html), Route("/parts", _parts), Route("/json", _json)]))
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://page")


async def test_only_the_nonce_of_this_response_runs() -> None:
    async with _client() as client:
        first, second = await client.get("/html"), await client.get("/html")
    policy = first.headers["content-security-policy"]
    nonce = re.search(r"script-src 'self' 'nonce-([\w-]+)'", policy)
    assert nonce is not None
    assert first.text.count(f'nonce="{nonce[1]}"') == 3
    assert nonce[1] not in second.text
    assert "&lt;script&gt; scripture" in first.text
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert "http" not in policy
    assert int(first.headers["content-length"]) == len(first.content)


async def test_html_in_parts_is_the_same_html() -> None:
    async with _client() as client:
        whole, parts = await client.get("/html"), await client.get("/parts")
    assert re.sub(r' nonce="[^"]*"', "", parts.text) == HTML == re.sub(r' nonce="[^"]*"', "", whole.text)


async def test_every_answer_is_kept_to_itself() -> None:
    async with _client() as client:
        reply = await client.get("/json", headers={"X-Forwarded-Prefix": "//evil.example"})
    assert reply.json() == {"prefix": None, "html": "<script>"}
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]
    assert reply.headers["x-frame-options"] == "DENY"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["referrer-policy"] == "no-referrer"
