"""A person at the page, a lab, an assistant: from the alert to resolved, with all that a bad night brings."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from aiops.core.entity import Entity
from tests.support.browser import Browsers, Viewer, need_chromium

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

APPROVE = "Approve"
WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")


class Camera:
    """Keeps pictures of the page, wide and narrow, light and dark, in the folder that AIOPS_SCREENSHOTS names."""

    def __init__(self, default: Path) -> None:
        self._folder = Path(os.environ.get("AIOPS_SCREENSHOTS", default / "screenshots"))
        self._folder.mkdir(parents=True, exist_ok=True)

    async def take(self, viewer: Viewer, name: str) -> None:
        for width in WIDTHS:
            for scheme in SCHEMES:
                await viewer.tab.set_viewport_size({"width": width, "height": 800})
                await viewer.tab.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                path = self._folder / f"{name}-{width}-{scheme}.png"
                await viewer.tab.screenshot(path=path, full_page=True)
                assert await viewer.tab.evaluate("document.documentElement.scrollWidth") <= width, path.name
        await viewer.tab.set_viewport_size({"width": WIDTHS[0], "height": 800})


@pytest.fixture
def camera(tmp_path: Path) -> Camera:
    return Camera(tmp_path)


@asynccontextmanager
async def looking(on: Any) -> AsyncIterator[Viewer]:
    async with Browsers() as browsers, browsers.tab(await on.page()) as viewer:
        yield viewer


async def test_from_the_alert_to_resolved(stage: Callable[..., Any], camera: Camera) -> None:
    """Denied once, the server killed under the click, pressed again and twice, and well in the end."""
    need_chromium()
    async with stage(seed=3) as on:
        await on.serve()
        async with looking(on) as viewer:
            await viewer.open()
            await viewer.see("Nothing is wrong")
            await camera.take(viewer, "1-nothing-is-wrong")
            await on.inject("bad_image_tag", seed=3)
            incident = await on.incident()
            await viewer.see("Needs your answer")
            await viewer.tab.locator(".findings li").first.wait_for(timeout=90_000)
            await camera.take(viewer, "2-home")
            await viewer.tab.locator("a.needs").click()

            await viewer.tab.locator(".topology .node.cause").wait_for()
            first = await on.proposal(incident)
            await camera.take(viewer, "3-approval")
            await viewer.press("Deny …")
            await viewer.tab.get_by_label("Reason").fill("another team is rolling out; find another way")
            await camera.take(viewer, "4-denying")
            await viewer.press("Deny it")
            await viewer.tab.locator(".approval .earlier", has_text="Denied").wait_for(timeout=60_000)
            second = await on.proposal(incident)
            assert second["id"] != first["id"]
            assert "another team is rolling out" in await viewer.text(".timeline")

            viewer.expect_error("ERR_CONNECTION_REFUSED")
            on.kill_server()
            await viewer.see("The assistant does not answer.")
            await viewer.press(APPROVE)
            await viewer.see("It is not known whether this arrived")
            await camera.take(viewer, "5-server-away")
            api = await on.serve()
            await viewer.tab.get_by_text("The assistant does not answer.").wait_for(state="detached", timeout=30_000)
            await viewer.tab.get_by_role("button", name=APPROVE, exact=True).dblclick()

            await viewer.tab.locator(".steps .here", has_text="Resolved").wait_for(timeout=180_000)
            await viewer.see("It helped: every check says so.")
            await viewer.tab.locator(".report-part h2").wait_for()
            await camera.take(viewer, "6-resolved")
            events = await api.request("GET", f"/api/incidents/{incident}/events")
            assert [e["text"].split(":")[0] for e in events if e["kind"] == "decision"] == ["denied", "approved"]
            assert [e["data"]["undone"] for e in events if e["kind"] == "change"] == [False]
            shown = await viewer.tab.locator(".event").count()
            assert shown == len(events), "every event stands on the page once, also those told while it was away"
            await viewer.tab.locator("a.brand").click()
            await viewer.see("Resolved")
            await camera.take(viewer, "7-home-after")


async def test_a_change_is_undone_by_a_person(stage: Callable[..., Any], camera: Camera) -> None:
    need_chromium()
    async with stage(seed=4) as on:
        api = await on.serve()
        await on.inject("wrong_target_port", seed=4)
        incident = await on.incident()
        proposal = await on.proposal(incident)
        target = Entity.model_validate(proposal["action"]["proposal"]["target"])
        kube = on.cluster()
        broken = (await kube.get(target))["spec"]
        async with looking(on) as viewer:
            await viewer.open(f"/incident/{incident}")
            await viewer.tab.locator(".topology .node.cause").wait_for()
            await viewer.tab.locator(".chart svg").first.wait_for()
            await camera.take(viewer, "8-evidence")
            await viewer.press(APPROVE)
            await viewer.tab.locator(".steps .here", has_text="Resolved").wait_for(timeout=180_000)
            assert (await kube.get(target))["spec"] != broken
            await viewer.press("Undo …")
            await viewer.tab.get_by_label("Reason").fill("we want it as it was")
            await viewer.press("Undo it")
            await viewer.tab.locator("#approval .chip", has_text="Undone").wait_for(timeout=30_000)
            await viewer.tab.locator(".steps .here", has_text="Escalated").wait_for(timeout=30_000)
            await camera.take(viewer, "9-undone")
        assert (await kube.get(target))["spec"] == broken
        await kube.close()
        told = [e["text"] for e in await api.request("GET", f"/api/incidents/{incident}/events")]
        assert any(text.endswith("we want it as it was") for text in told)


async def test_a_question_is_asked_on_the_page(stage: Callable[..., Any], camera: Camera) -> None:
    need_chromium()
    async with stage(seed=4) as on:
        await on.serve()
        async with looking(on) as viewer:
            await viewer.open()
            await viewer.tab.get_by_label("Question").fill("Which pods are failing in hotel?")
            await viewer.press("Ask")
            await viewer.tab.locator(".reply").wait_for(timeout=60_000)
            await viewer.tab.get_by_label("Question").fill("Will it rain tomorrow?")
            await viewer.press("Ask")
            await viewer.tab.locator(".reply >> nth=1").wait_for(timeout=60_000)
            await camera.take(viewer, "10-asked")
            assert "failing in hotel?" in await viewer.text(".reply >> nth=1")
