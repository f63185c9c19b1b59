"""The smallest grant: it allows exactly what was refused, to nobody else, and never what is for people alone."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.policy.rbac import Request, account_user, allowed, covers
from aiops.analysis.policy.rbac_repair import grant, suspects
from aiops.core.entity import Entity

CART = Entity(kind="ServiceAccount", namespace="shop", name="cart")
WANTED = Request("get", "configmaps", "", "shop", "settings")


def made(kind: str, name: str, **rest: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"namespace": "shop", "name": name}, **rest}


def rule(verbs: list[str], resources: list[str], **rest: Any) -> dict[str, Any]:
    return {"apiGroups": [""], "resources": resources, "verbs": verbs, **rest}


def account(name: str) -> dict[str, Any]:
    return {"kind": "ServiceAccount", "namespace": "shop", "name": name}


def binding(*subjects: dict[str, Any], name: str = "b", role: str = "r") -> dict[str, Any]:
    ref = {"kind": "Role", "name": role}
    return made("RoleBinding", name, roleRef=ref, subjects=list(subjects))


def test_the_role_that_the_account_has_gets_the_one_call() -> None:
    objects = [made("Role", "r", rules=[rule(["list"], ["pods"])]), binding(account("cart"))]
    (found,) = suspects(objects, CART, WANTED)
    assert (str(found.entity), found.field) == ("Role/shop/r", "rules")
    assert found.wanted == [rule(["list"], ["pods"]), rule(["get"], ["configmaps"], resourceNames=["settings"])]


def test_a_rule_for_the_same_thing_is_the_likelier_one() -> None:
    near = made("Role", "near", rules=[rule(["list"], ["configmaps"])])
    objects = [made("Role", "r", rules=[]), near, binding(account("cart"))]
    objects.append(binding(account("cart"), name="z", role="near"))
    assert [s.entity.name for s in suspects(objects, CART, WANTED)] == ["near", "r"]


def test_a_role_that_others_share_is_not_widened() -> None:
    objects = [made("Role", "r", rules=[rule(["list"], ["pods"])]), binding(account("cart"), account("web"))]
    (found,) = suspects(objects, CART, WANTED)
    assert found.wanted is None


def test_a_binding_that_names_nobody_there_was_meant_for_the_account() -> None:
    ann = {"kind": "User", "name": "ann"}
    objects = [
        made("Role", "r", rules=[rule(["get"], ["configmaps"])]),
        made("ServiceAccount", "cart"),
        binding(ann, account("kart")),
    ]
    (found,) = suspects(objects, CART, WANTED)
    assert (str(found.entity), found.wanted) == ("RoleBinding/shop/b", [ann, account("cart")])


def test_a_binding_of_somebody_else_is_only_suspected() -> None:
    objects = [
        made("Role", "r", rules=[rule(["get"], ["configmaps"])]),
        made("ServiceAccount", "cart"),
        made("ServiceAccount", "web"),
        binding(account("web")),
    ]
    (found,) = suspects(objects, CART, WANTED)
    assert found.wanted is None
    assert found.strength < 0.6


def test_a_role_that_is_gone_is_named_and_nothing_is_made_up() -> None:
    (found,) = suspects([binding(account("cart"))], CART, WANTED)
    assert (str(found.entity), found.wanted) == ("Role/shop/r", None)
    assert suspects([], CART, WANTED) == []


words = st.sampled_from(["get", "list", "pods", "configmaps", "secrets", "*"])
rules = st.lists(st.builds(rule, st.lists(words, min_size=1), st.lists(words, min_size=1)), max_size=4)
requests = st.builds(Request, words, words, st.just(""), st.just("shop"), st.sampled_from(["", "a"]))


@given(rules, requests, requests)
def test_a_grant_allows_the_call_and_no_other(before: list[dict[str, Any]], wanted: Request, other: Request) -> None:
    after = grant(before, wanted)
    if wanted.resource == "secrets" or "*" in (wanted.verb, wanted.resource):
        assert after is None
        return
    assert after is not None
    assert any(covers(one, wanted) for one in after)
    same = (other.verb, other.resource) == (wanted.verb, wanted.resource)
    if not same and not any(covers(one, other) for one in before):
        assert not any(covers(one, other) for one in after)


@given(rules, requests)
def test_what_is_proposed_cures(before: list[dict[str, Any]], wanted: Request) -> None:
    role = made("Role", "r", rules=before)
    for found in suspects([role, binding(account("cart"))], CART, wanted):
        if found.wanted is not None:
            objects = [made("Role", "r", rules=found.wanted), binding(account("cart"))]
            user = account_user("shop", "cart")
            assert allowed(objects, user, wanted.verb, wanted.resource, wanted.group, "shop", wanted.name)
