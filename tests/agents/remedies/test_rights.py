"""When a lost right is given back, and when it is left to people: by the history, the rules and who would get it."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from aiops.agents.remedies.kit.refusals import FELT_WITHIN
from aiops.agents.remedies.kit.registry import READS, REMEDIES, RemedyCase
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox
from aiops.analysis.state.cluster import ClusterState
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.action import Proposal
from aiops.core.changes import Change
from aiops.core.clock import VirtualClock
from aiops.core.diagnosis import RootCause
from aiops.core.entity import Entity
from aiops.core.evidence import Evidence, Hypothesis, Query, Source, Window
from aiops.core.fields import differences
from aiops.core.mechanism import Mechanism
from aiops.tools.kit.context import Context

ONSET = 10_000.0
WINDOW = Window(start=ONSET, end=ONSET + 300)
RIGHTS = Mechanism.AUTH_RBAC_DENIED
CART = {"kind": "ServiceAccount", "namespace": "shop", "name": "cart"}


def entity(kind: str, name: str) -> Entity:
    return Entity(kind=kind, namespace="shop", name=name)


def made(kind: str, name: str, **rest: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"namespace": "shop", "name": name}, **rest}


def rule(verb: str, resource: str, group: str = "") -> dict[str, Any]:
    return {"apiGroups": [group], "resources": [resource], "verbs": [verb]}


def bound(*subjects: dict[str, Any], kind: str = "Role") -> dict[str, Any]:
    return made("RoleBinding", "b", roleRef={"kind": kind, "name": "r"}, subjects=list(subjects))


def role(*rules: dict[str, Any]) -> dict[str, Any]:
    return made("Role", "r", rules=list(rules))


GET, LIST, SECRETS = rule("get", "configmaps"), rule("list", "configmaps"), rule("get", "secrets")
ROLE, BINDING, ACCOUNT = entity("Role", "r"), entity("RoleBinding", "b"), entity("ServiceAccount", "cart")
WORKLOAD = made("Deployment", "cart", spec={"template": {"spec": {"serviceAccountName": "cart"}}})


class Past:
    """A history that knows one object as it was."""

    def __init__(self, manifest: dict[str, Any] | None) -> None:
        self._manifest = manifest

    async def changes(self, start: float, end: float, namespaces: tuple[str, ...] = ()) -> list[Change]:
        return []

    async def version_before(self, one: Entity, moment: float) -> dict[str, Any] | None:
        return self._manifest if self._manifest and Entity.of(self._manifest) == one else None

    async def watched_since(self) -> float:
        return 0.0

    def problems(self) -> tuple[str, ...]:
        return ()


def told(subject: Entity, source: Source = Source.LOGS, wanted: Any = (GET,)) -> Evidence:
    guess = Hypothesis(subject=subject, mechanism=RIGHTS, strength=0.9, wanted=list(wanted) if wanted else None)
    return Evidence(
        id="logs-1",
        source=source,
        subject=entity("Deployment", "cart"),
        query=Query(tool="logs_by_template"),
        window=WINDOW,
        summary="s",
        observed="o",
        score=0.7,
        suggests=(guess,),
    )


async def proposed(
    subject: Entity,
    before: dict[str, Any],
    now: list[dict[str, Any]],
    cited: Evidence | None = None,
    at: float = ONSET - 60,
) -> list[Proposal]:
    """What is proposed for an object that was changed (`at`) from `before`; `now` holds what there is."""
    live = next((item for item in now if Entity.of(item) == subject), None)
    fields = tuple(differences(before, live)) if live else ()
    change = Change(at=at, entity=subject, verb="updated" if live else "deleted", actor="ann", fields=fields)
    empty = httpx2.MockTransport(lambda _: httpx2.Response(200, json={"items": []}))
    kube = KubernetesClient.at("http://lab", token="t", transport=empty)
    ctx = Context(kube=kube, clock=VirtualClock(ONSET + 300), changes=Past(before))
    cause = RootCause(subject=subject, mechanism=RIGHTS, confidence=0.9, summary="s", evidence=("logs-1",))
    scope = Scope(namespaces=("shop",), signals=(), onset=ONSET, reported=ONSET, window=WINDOW, baseline=WINDOW)
    state = ClusterState([WORKLOAD, made("ServiceAccount", "web"), *now], now=ONSET + 300)
    case = RemedyCase(cause, scope, state, [change], ONSET, Toolbox(ctx, READS), (cited or told(subject),))
    return await REMEDIES.get(RIGHTS.value).propose(case)


HERE = made("ServiceAccount", "cart")


async def test_a_role_gets_back_what_was_taken_and_the_text_says_what_and_to_whom() -> None:
    (found,) = await proposed(ROLE, role(GET, LIST), [role(LIST), bound(CART), HERE])
    assert (found.tool, found.arguments) == ("edit_role", {"role": str(ROLE), "rules": [GET, LIST]})
    assert found.reason.endswith("it was allowed until Role/shop/r was changed by ann.")
    expected = "The role, which is bound to ServiceAccount shop/cart, allows besides: get configmaps."
    assert found.expected_effect == expected


async def test_only_the_refused_call_comes_back_where_the_rest_is_for_people() -> None:
    (found,) = await proposed(ROLE, role(GET, SECRETS), [role(LIST), bound(CART), HERE])
    assert found.arguments["rules"] == [{**LIST, "verbs": ["list", "get"]}]
    shared = await proposed(ROLE, role(GET, SECRETS), [role(LIST), bound(CART, {**CART, "name": "web"}), HERE])
    assert shared == [], "others share the role"


async def test_a_binding_names_the_account_again_and_the_text_says_all_rights() -> None:
    stray = {**CART, "name": "kart"}
    (found,) = await proposed(BINDING, bound(CART), [role(GET, LIST), bound(stray), HERE])
    assert (found.tool, found.arguments["subjects"]) == ("edit_role_binding", [CART])
    assert found.expected_effect == (
        "All rights of Role/shop/r go to ServiceAccount shop/cart: get configmaps; list configmaps. "
        "They are taken from ServiceAccount shop/kart."
    )


async def test_a_deleted_binding_comes_back() -> None:
    (found,) = await proposed(BINDING, bound(CART), [role(GET), HERE])
    assert (found.tool, found.arguments) == ("recreate_grant", {"entity": str(BINDING), "deleted_at": ONSET - 60})
    assert "All rights of Role/shop/r go to ServiceAccount shop/cart: get configmaps." in found.expected_effect


ANN = {"kind": "User", "name": "ann"}


@pytest.mark.parametrize(
    ("subject", "before", "now"),
    [
        (BINDING, bound(CART), [role(GET, SECRETS), HERE]),
        (BINDING, bound(CART), [role(rule("*", "*", "*")), HERE]),
        (BINDING, bound(CART, ANN), [role(GET), HERE]),
        (BINDING, bound(CART, {**CART, "namespace": "evil"}), [role(GET), HERE]),
        (BINDING, bound(CART, kind="ClusterRole"), [role(GET), HERE]),
        (BINDING, bound({**CART, "name": "web"}), [role(GET), HERE]),
        (BINDING, bound(CART), [role(GET)]),
        (BINDING, bound(CART), [HERE]),
        (ROLE, role(GET, SECRETS), [bound(CART), HERE]),
        (ROLE, role(LIST), [role(), bound(CART), HERE]),
        (ROLE, role(GET), [role(GET), bound(CART), HERE]),
    ],
    ids=["secrets", "all", "user", "stranger", "cluster", "other", "gone", "roleless", "role", "never", "allowed"],
)
async def test_this_is_for_people(subject: Entity, before: dict[str, Any], now: list[dict[str, Any]]) -> None:
    assert await proposed(subject, before, now) == []


@pytest.mark.parametrize(
    "cited",
    [
        told(ROLE, wanted=None),
        told(ROLE, Source.CHANGES),
        told(BINDING),
        told(ROLE).model_copy(update={"subject": entity("Deployment", "gone")}),
    ],
    ids=["unproven", "changes", "other", "nobody"],
)
async def test_without_a_confirmed_refusal_of_a_running_workload_nothing_is_given(cited: Evidence) -> None:
    assert await proposed(ROLE, role(GET, LIST), [role(LIST), bound(CART), HERE], cited) == []


@pytest.mark.parametrize("at", [ONSET - FELT_WITHIN - 1, ONSET + 200])
async def test_what_nobody_missed_soon_was_taken_on_purpose(at: float) -> None:
    assert await proposed(ROLE, role(GET, LIST), [role(LIST), bound(CART), HERE], at=at) == []


async def test_a_deleted_account_comes_back_where_no_wide_role_waits_for_it() -> None:
    (found,) = await proposed(ACCOUNT, HERE, [role(GET), bound(CART)])
    assert (found.tool, str(found.target)) == ("recreate_grant", str(ACCOUNT))
    assert "all rights that bindings of its namespace give it: get configmaps." in found.expected_effect
    assert await proposed(ACCOUNT, HERE, [role(SECRETS), bound(CART)]) == []
    assert await proposed(ACCOUNT, HERE, [role(GET), bound(CART), HERE]) == [], "it is there"


def owned(account: str) -> dict[str, Any]:
    owner = {"kind": "Deployment", "name": "cart", "controller": True}
    one = made("ReplicaSet", "cart-1", spec={"template": {"spec": {"serviceAccountName": account}}})
    return {**one, "metadata": {**one["metadata"], "ownerReferences": [owner]}}


@pytest.mark.parametrize(("rules", "tools"), [([GET], ["rollout_undo"]), ([GET, SECRETS], []), ([LIST], [])])
async def test_a_workload_runs_as_its_former_account_again_unless_that_one_may_do_too_much(
    rules: list[dict[str, Any]], tools: list[str]
) -> None:
    workload = entity("Deployment", "cart")
    before = replace_account(WORKLOAD, "web")
    now = [WORKLOAD, owned("web"), role(*rules), bound({**CART, "name": "web"}), HERE]
    found = await proposed(workload, before, now)
    assert [p.tool for p in found] == tools
    assert all(
        "run as ServiceAccount/shop/web again, with all rights that bindings of its namespace give it: "
        "get configmaps" in p.expected_effect
        for p in found
    )


def replace_account(workload: dict[str, Any], name: str) -> dict[str, Any]:
    return {**workload, "spec": {"template": {"spec": {"serviceAccountName": name}}}}
