"""Whom to blame for a denial, and the smallest grant: exactly what was refused, never what is for people alone."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.policy.guarded import too_wide
from aiops.analysis.policy.rbac import Request, covers
from aiops.analysis.policy.rbac_repair import culprits, grant, rule_for, suspects
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


def test_a_rule_for_the_same_thing_is_the_likelier_one() -> None:
    near = made("Role", "near", rules=[rule(["list"], ["configmaps"])])
    objects = [made("Role", "r", rules=[]), near, binding(account("cart"))]
    objects.append(binding(account("cart"), name="z", role="near"))
    assert [s.entity.name for s in suspects(objects, CART, WANTED)] == ["near", "r"]


def test_a_binding_that_names_an_account_which_is_not_there_is_suspected_most() -> None:
    roles = [made("Role", "r", rules=[rule(["get"], ["configmaps"])])]
    accounts = [made("ServiceAccount", "cart"), made("ServiceAccount", "web")]
    (stray,) = suspects([*roles, *accounts, binding(account("kart"))], CART, WANTED)
    (other,) = suspects([*roles, *accounts, binding(account("web"))], CART, WANTED)
    assert (str(stray.entity), stray.field) == ("RoleBinding/shop/b", "subjects")
    assert stray.strength > 0.8 > 0.6 > other.strength


def test_a_role_that_is_gone_is_named() -> None:
    (found,) = suspects([binding(account("cart"))], CART, WANTED)
    assert str(found.entity) == "Role/shop/r"
    assert suspects([], CART, WANTED) == []


def test_what_the_objects_are_now_is_no_proof_that_a_right_was_lost() -> None:
    objects = [made("Role", "r", rules=[rule(["list"], ["pods"])]), binding(account("cart"))]
    assert not any(suspect.lost for suspect in suspects(objects, CART, WANTED))
    assert culprits(objects, {}, CART, WANTED) == []


ROLE = Entity(kind="Role", namespace="shop", name="r")
BINDING = Entity(kind="RoleBinding", namespace="shop", name="b")
GETS = made("Role", "r", rules=[rule(["get"], ["configmaps"])])
BOUND = binding(account("cart"))


def test_an_object_whose_earlier_version_allowed_the_call_took_it() -> None:
    narrowed = made("Role", "r", rules=[rule(["list"], ["configmaps"])])
    (found,) = culprits([narrowed, BOUND], {ROLE: GETS}, CART, WANTED)
    assert (found.entity, found.field, found.lost) == (ROLE, "rules", True)
    (found,) = culprits([GETS], {BINDING: BOUND}, CART, WANTED)
    assert (found.entity, found.field) == (BINDING, ""), "it is gone"


def test_an_earlier_version_that_did_not_allow_it_either_took_nothing() -> None:
    other = made("Role", "r", rules=[rule(["get"], ["secrets"])])
    assert culprits([made("Role", "r", rules=[]), BOUND], {ROLE: other}, CART, WANTED) == []
    assert culprits([GETS, BOUND], {ROLE: GETS}, CART, WANTED) == [], "it is allowed now"
    evil = Entity(kind="ServiceAccount", namespace="evil", name="cart")
    assert culprits([GETS], {BINDING: BOUND}, evil, WANTED) == []


words = st.sampled_from(["get", "list", "pods", "configmaps", "secrets", "*"])
rules = st.lists(st.builds(rule, st.lists(words, min_size=1), st.lists(words, min_size=1)), max_size=4)
requests = st.builds(Request, words, words, st.just(""), st.just("shop"), st.sampled_from(["", "a"]))


@given(rules, requests, requests)
def test_a_grant_allows_the_call_and_no_other(before: list[dict[str, Any]], wanted: Request, other: Request) -> None:
    after = grant(before, wanted)
    if too_wide(rule_for(wanted)):
        assert after is None
        return
    assert after is not None
    assert any(covers(one, wanted) for one in after)
    same = (other.verb, other.resource) == (wanted.verb, wanted.resource)
    if not same and not any(covers(one, other) for one in before):
        assert not any(covers(one, other) for one in after)
