"""The page in a real browser, on an assistant whose answers the test writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.ui.scripted import INCIDENT, START, Scripted, diagnosis, event, proposal, until_proposal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="module")]

PATH = f"/incident/{INCIDENT}"
APPROVAL = "/api/approvals/apr-1"
SERIES = {
    "query": 'sum(rate(http_requests_total{code=~"5.."}[1m]))',
    "unit": "ratio",
    "window": {"start": START - 120, "end": START + 60},
    "baseline": {"start": START - 900, "end": START - 120},
    "onset": START - 30,
    "series": [
        {"name": "Service/shop/cart", "points": [[START - 900 + 15 * i, 0.0 if i < 58 else 0.4] for i in range(65)]},
        {"name": "gap", "points": [[START - 900, 0.1], [START - 600, None], [START, 0.2]]},
    ],
}


async def test_what_is_wrong_stands_first(shown: Callable[..., Any]) -> None:
    async with shown(Scripted(until_proposal()), PATH) as viewer:
        assert await viewer.text("h1") == "Service/shop/cart sends to a port on which nobody listens."
        facts = await viewer.text("dl.facts")
        for told in ("09:29:30", "97 %", "Service/shop/cart", "config.target_port"):
            assert told in facts
        card = viewer.tab.locator("#approval")
        assert await card.locator(".diff .del").inner_text() == "-  targetPort: 9999"
        assert "Medium risk" in await card.inner_text()
        assert "patch Service in shop" in await card.inner_text()
        button = await card.get_by_role("button", name="Approve", exact=True).bounding_box()
        assert button is not None
        assert button["y"] + button["height"] < 800, "the button is seen without scrolling"


async def test_an_approval_is_sent_once_however_often_it_is_pressed(shown: Callable[..., Any]) -> None:
    scripted = Scripted(until_proposal())
    scripted.answers[APPROVAL] = (200, {})
    async with shown(scripted, PATH) as viewer:
        await viewer.tab.get_by_role("button", name="Approve", exact=True).dblclick()
        await viewer.see("Approved. The change is being made.")
        assert await viewer.tab.get_by_role("button", name="Approve", exact=True).is_disabled()
        said = {"decision": "approved", "digest": "1" * 64, "actor": "ann", "reason": ""}
        assert scripted.posts == [(APPROVAL, said)]


async def test_a_denial_carries_its_reason(shown: Callable[..., Any]) -> None:
    scripted = Scripted(until_proposal())
    scripted.answers[APPROVAL] = (200, {})
    async with shown(scripted, PATH) as viewer:
        await viewer.press("Deny …")
        await viewer.tab.get_by_label("Reason").fill("freeze until <b>Monday</b>")
        await viewer.press("Deny it")
        await viewer.see("Denied. Looking for another way.")
        [(_, body)] = scripted.posts
        assert (body["decision"], body["reason"]) == ("denied", "freeze until <b>Monday</b>")


async def test_a_lost_click_is_told_and_can_be_repeated(shown: Callable[..., Any]) -> None:
    scripted = Scripted(until_proposal())
    scripted.lose = {APPROVAL}
    async with shown(scripted, PATH) as viewer:
        await viewer.press("Approve")
        await viewer.see("It is not known whether this arrived")
        scripted.lose = set()
        scripted.answers[APPROVAL] = (409, {"error": "approval apr-1 is already approved by ann"})
        await viewer.press("Approve")
        await viewer.see("already approved by ann")
        assert await viewer.tab.get_by_role("button", name="Approve", exact=True).is_disabled()
        assert [path for path, _ in scripted.posts] == [APPROVAL, APPROVAL]


async def test_a_change_is_undone_with_a_reason(shown: Callable[..., Any]) -> None:
    scripted = Scripted(until_proposal())
    made = {"action": f"{INCIDENT}-1", "undone": False}
    decided = {"approval": "apr-1", "decision": "approved"}
    verdict = {"outcome": "better", "checks": [{"name": "alerts", "outcome": "better", "summary": "all resolved"}]}
    scripted.events += [
        event(8, "decision", "approved", decided, actor="ben"),
        event(9, "change", "made", made),
        event(10, "verification", "helped", verdict),
        event(11, "transition", "well again", {"from": "verifying", "to": "resolved"}),
    ]
    scripted.answers[f"/api/actions/{INCIDENT}-1/undo"] = (200, {"action": f"{INCIDENT}-1", "undone": True})
    async with shown(scripted, PATH) as viewer:
        assert "approved by ben" in await viewer.text("#approval")
        assert "all resolved" in await viewer.text("#approval")
        await viewer.press("Undo …")
        await viewer.tab.get_by_label("Reason").fill("wrong service")
        await viewer.press("Undo it")
        await viewer.see("Undone.")
        assert scripted.posts == [(f"/api/actions/{INCIDENT}-1/undo", {"actor": "ann", "reason": "wrong service"})]
        await scripted.tell("change", "undid it", made | {"undone": True}, actor="ann")
        await viewer.tab.locator("#approval .chip", has_text="Undone").wait_for()


async def test_a_change_that_was_kept_is_told_and_can_be_undone_like_the_newest(shown: Callable[..., Any]) -> None:
    scripted = Scripted(until_proposal())
    first, second = f"{INCIDENT}-1", f"{INCIDENT}-2"
    checks = [{"name": "alerts", "outcome": "unchanged", "summary": "Still firing: Slow."}]
    scripted.events += [
        event(8, "decision", "approved", {"approval": "apr-1", "decision": "approved"}, actor="ben"),
        event(9, "change", "made", {"action": first, "undone": False}),
        event(10, "verification", "cured", {"outcome": "unchanged", "checks": checks, "cured": True}),
        event(11, "note", "kept patch_service", {"kept": first}),
        event(12, "transition", "looking again", {"from": "verifying", "to": "diagnosing"}),
        event(13, "proposal", "patch", proposal(2)),
        event(14, "decision", "approved", {"approval": "apr-2", "decision": "approved"}, actor="ben"),
        event(15, "change", "made", {"action": second, "undone": False}),
        event(16, "verification", "helped", {"outcome": "better", "checks": []}),
    ]
    scripted.answers[f"/api/actions/{first}/undo"] = (200, {"action": first, "undone": True})
    async with shown(scripted, PATH) as viewer:
        card = viewer.tab.locator("#approval")
        await viewer.see("It cured its own cause while another one stood.")
        assert await card.locator(".chip", has_text="Kept").count() == 1
        assert await card.get_by_role("button", name="Undo …").count() == 0
        await scripted.tell("transition", "well again", {"from": "verifying", "to": "resolved"})
        undo = card.get_by_role("button", name="Undo …")
        await undo.nth(1).click()
        assert await undo.count() == 2
        await viewer.tab.get_by_label("Reason").fill("it was meant so")
        await viewer.press("Undo it")
        await viewer.see("Undone.")
        assert scripted.posts == [(f"/api/actions/{first}/undo", {"actor": "ann", "reason": "it was meant so"})]
        await scripted.tell("change", "undid it", {"action": first, "undone": True}, actor="ann")
        await card.locator(".chip", has_text="Undone").wait_for()
        await viewer.see("Before it was undone: It cured its own cause")
        assert await undo.count() == 1


async def test_news_come_by_themselves_and_once_after_a_broken_stream(shown: Callable[..., Any]) -> None:
    scripted = Scripted(until_proposal()[:2])
    async with shown(scripted, PATH) as viewer:
        assert await viewer.text("h1") == "UserErrorRatioHigh: users get errors"
        for one in until_proposal()[2:5]:
            await scripted.tell(one["kind"], one["text"], one["data"])
        await viewer.see("Service/shop/cart sends to a port on which nobody listens.")
        await scripted.drop()
        scripted.drop_streams = False
        await scripted.tell("note", "told while nobody listened", {})
        await viewer.see("told while nobody listened")
        assert await viewer.tab.locator(".event").count() == 6
        assert scripted.streams[-1] != "0", "the stream goes on behind the last event"


async def test_a_citation_opens_its_evidence_with_chart_and_query(shown: Callable[..., Any]) -> None:
    scripted = Scripted(until_proposal())
    scripted.answers[f"/api/incidents/{INCIDENT}/evidence/metrics-1/charts"] = (
        200,
        {"charts": [SERIES], "missing": None},
    )
    async with shown(scripted, PATH) as viewer:
        await viewer.tab.locator("#approval .cite", has_text="metrics-1").click()
        row = viewer.tab.locator("#evidence-metrics-1")
        await row.locator("svg .onset").wait_for(state="attached")
        assert await row.locator("svg .curve").count() == 2
        assert await row.locator("svg rect.shade").count() == 1
        assert SERIES["query"] in await row.inner_text()
        assert await row.get_by_role("button", name="Copy").count() == 2
        await viewer.tab.locator("#evidence-metrics-2 summary").click()
        assert "Reading" in await viewer.text("#evidence-metrics-2")


async def test_the_way_to_the_users_is_drawn(shown: Callable[..., Any]) -> None:
    scripted = Scripted(until_proposal())
    names = (("Service/shop/cart", "cause"), ("Deployment/shop/cart", "path"), ("Deployment/shop/front", "path"))
    nodes = [
        {"id": n, "kind": n.split("/")[0], "namespace": "shop", "name": n.split("/")[2], "role": r} for n, r in names
    ]
    edges = [
        {"source": names[2][0], "target": names[1][0], "role": "path", "error_ratio": 0.9, "seconds": 0.1, "rate": 7.0},
        {
            "source": names[1][0],
            "target": names[0][0],
            "role": "path",
            "error_ratio": None,
            "seconds": None,
            "rate": None,
        },
    ]
    scripted.answers[f"/api/incidents/{INCIDENT}/topology"] = (200, {"nodes": nodes, "edges": edges})
    async with shown(scripted, PATH) as viewer:
        await viewer.tab.locator(".topology .node.cause").wait_for()
        assert await viewer.tab.locator(".topology .edge.path").count() == 2
        assert await viewer.tab.locator(".topology .edge > text").text_content() == "90 %"
        left = [(await viewer.tab.locator(".topology .node rect").nth(i).bounding_box())["x"] for i in range(3)]
        assert left == sorted(left, reverse=True), "callers stand left of what they call"


async def test_the_kill_switch_asks_first(shown: Callable[..., Any]) -> None:
    scripted = Scripted([])
    async with shown(scripted) as viewer:
        await viewer.press("Stop all changes …")
        assert scripted.stopped_by is None
        await viewer.press("Stop all changes")
        await viewer.see("All changes are stopped by ann")
        await viewer.press("Allow changes …")
        await viewer.press("Allow changes")
        await viewer.tab.get_by_text("All changes are stopped").wait_for(state="detached")
        assert scripted.stopped_by is None


async def test_nothing_is_wrong(shown: Callable[..., Any]) -> None:
    scripted = Scripted([])
    scripted.answers["/api/scan"] = (200, {"findings": [], "missing": []})
    async with shown(scripted) as viewer:
        await viewer.see("Nothing is wrong")
        await viewer.see("No alert has come in. Last looked at 09:34:00.")


async def test_a_namespace_is_looked_at_without_an_alert(shown: Callable[..., Any]) -> None:
    scripted = Scripted([])
    scripted.answers["/api/investigations"] = (422, {"error": "namespace: no such name"})
    async with shown(scripted) as viewer:
        viewer.expect_error("404")
        await viewer.press("Look now")
        await viewer.see("Name the namespace to look at.")
        assert scripted.posts == []
        await viewer.tab.get_by_label("Namespace").fill("Shop!")
        await viewer.press("Look now")
        await viewer.see("Not started: namespace: no such name")
        scripted.answers["/api/investigations"] = (200, {"incidents": [INCIDENT]})
        await viewer.tab.get_by_label("Namespace").fill(" shop ")
        scripted.events += until_proposal()[:2]
        await viewer.tab.keyboard.press("Enter")
        await viewer.tab.wait_for_url(f"**{PATH}")
        assert scripted.posts[-1] == ("/api/investigations", {"namespace": "shop"})


async def test_where_there_are_incidents_the_home_page_does_not_offer_to_look(shown: Callable[..., Any]) -> None:
    async with shown(Scripted(until_proposal())) as viewer:
        await viewer.tab.locator(".incident-list li").first.wait_for()
        assert await viewer.tab.get_by_label("Namespace").count() == 0


async def test_the_cluster_is_looked_at_anew_when_an_incident_goes_on(shown: Callable[..., Any]) -> None:
    scripted = Scripted(until_proposal())
    finding = {"subject": "Service/shop/cart", "severity": "warning", "title": "cart is not well", "since": START}
    scripted.answers["/api/scan"] = (200, {"findings": [finding], "missing": [], "at": START})
    async with shown(scripted) as viewer:
        await viewer.see("cart is not well")
        await viewer.see("Last looked at 09:30:00.")
        scripted.answers["/api/scan"] = (200, {"findings": [], "missing": [], "at": START + 60})
        await scripted.tell("transition", "well", {"from": "verifying", "to": "resolved"})
        await viewer.see("Last looked at 09:31:00.")
        looks = scripted.gets.count("/api/scan")
        scripted.answers["/api/scan"] = (503, {"error": "the cluster is away"})
        await viewer.press("Look again")
        await viewer.see("The last look failed: the cluster is away")
        assert scripted.gets.count("/api/scan") == looks + 1


async def test_the_post_mortem_opens_from_the_report(shown: Callable[..., Any]) -> None:
    scripted = Scripted([*until_proposal(), event(8, "report", "cart is well again.", {})])
    told = "<!doctype html><title>Post-mortem</title><h1>cart lost its port</h1>"
    scripted.answers[f"/api/incidents/{INCIDENT}/postmortem"] = (200, {"html": told})
    async with shown(scripted, PATH) as viewer:
        await viewer.see("cart is well again.")
        async with viewer.tab.context.expect_page() as opening:
            await viewer.tab.get_by_role("link", name="Post-mortem").click()
        opened = await opening.value
        assert await opened.inner_text("h1") == "cart lost its port"
        assert opened.url == f"{viewer.base}{PATH}/postmortem"


async def test_a_question_is_answered_with_what_it_rests_on(shown: Callable[..., Any]) -> None:
    scripted = Scripted([])
    scripted.answers["/api/ask"] = (
        200,
        {
            "question": "Which pods are failing?",
            "answered": True,
            "sentences": [{"text": "2 of 9 pods fail.", "cites": ["pods-1"]}],
            "tables": [{"columns": ["pod", "restarts"], "rows": [["cart-0", 7], ["cart-1", None]]}],
            "citations": [{"id": "pods-1", "query": {"tool": "pods", "arguments": {}}, "summary": "pods of shop"}],
            "by_model": None,
            "tokens": 0,
        },
    )
    async with shown(scripted) as viewer:
        await viewer.tab.get_by_label("Question").fill("Which pods are failing?")
        await viewer.tab.keyboard.press("Enter")
        await viewer.see("2 of 9 pods fail.")
        assert scripted.posts == [("/api/ask", {"question": "Which pods are failing?"})]
        assert "cart-0\t7" in await viewer.text(".reply table")
        assert await viewer.tab.get_by_label("Question").input_value() == ""
        scripted.answers["/api/ask"] = (500, {"error": "no luck"})
        await viewer.tab.get_by_label("Question").fill("and now?")
        await viewer.press("Ask")
        await viewer.see("No answer: no luck")
        assert await viewer.tab.get_by_label("Question").input_value() == "and now?"


async def test_a_change_that_may_only_be_suggested_has_no_button(shown: Callable[..., Any]) -> None:
    suggestion = proposal()["action"]["proposal"]
    scripted = Scripted(until_proposal()[:4])
    scripted.events += [
        event(5, "diagnosis", "unsure", diagnosis() | {"abstained": True}),
        event(6, "suggestion", "suggests", suggestion),
        event(7, "transition", "read-only: a person must make it", {"from": "diagnosing", "to": "escalated"}),
    ]
    scripted.read_only = True
    async with shown(scripted, PATH) as viewer:
        assert await viewer.text("h1") == "The evidence does not tell the cause"
        await viewer.see("Suggested change")
        assert "spec.ports[http].targetPort" in await viewer.text("#approval")
        assert await viewer.tab.locator("#approval button").count() == 0
        assert [t.strip() for t in await viewer.tab.locator(".steps li").all_inner_texts()] == [
            "Open",
            "Diagnosing",
            "Escalated",
        ]
        assert "Read-only" in await viewer.text("header")


async def test_the_keyboard_reaches_the_answer(shown: Callable[..., Any]) -> None:
    scripted = Scripted(until_proposal())
    scripted.answers[APPROVAL] = (200, {})
    async with shown(scripted, PATH) as viewer:
        for _ in range(12):
            await viewer.tab.keyboard.press("Tab")
            if await viewer.tab.evaluate("document.activeElement.textContent") == "Approve":
                break
        assert await viewer.tab.evaluate("document.activeElement.textContent") == "Approve"
        await viewer.tab.keyboard.press("Enter")
        await viewer.see("Approved. The change is being made.")


async def test_an_incident_that_is_not_there(shown: Callable[..., Any]) -> None:
    async with shown(Scripted(until_proposal()), "/incident/inc-2") as viewer:
        assert await viewer.text("h1") == "There is no such incident"
