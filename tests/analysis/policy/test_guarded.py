"""What people alone grant is refused in every shape, and what is granted is said in full."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.policy.guarded import (
    ESCALATING,
    GROUPS,
    PARTS,
    RESOURCES,
    RUNNING,
    WRITING,
    added,
    gained,
    in_words,
    refused,
    refused_subjects,
    too_wide,
)
from aiops.analysis.policy.rbac import RbacSubject, Request, covers
from aiops.core.entity import Entity

HARMLESS_VERBS = ["get", "list", "watch", "delete"]
HARMLESS = ["configmaps", "pods", "pods/log", "services", "deployments", "deployments/scale"]


def rule(verbs: list[str], resources: list[str], groups: list[str] | None = None) -> dict[str, Any]:
    return {"apiGroups": groups or [""], "resources": resources, "verbs": verbs}


narrow = st.builds(
    rule,
    st.lists(st.sampled_from(HARMLESS_VERBS), min_size=1),
    st.lists(st.sampled_from(HARMLESS), min_size=1),
    st.lists(st.sampled_from(["", "apps", "batch"]), min_size=1),
)
guarded = st.sampled_from(
    [
        *(("verbs", verb) for verb in sorted({"*", *ESCALATING})),
        *(("apiGroups", group) for group in sorted({"*", *GROUPS})),
        *(("resources", f"{name}{part}") for name in sorted({"*", *RESOURCES}) for part in ("", "/status")),
        *(("resources", f"pods/{part}") for part in sorted(PARTS)),
    ]
)


@given(narrow, guarded, st.integers(min_value=0))
def test_one_guarded_word_anywhere_is_too_wide(one: dict[str, Any], word: tuple[str, str], place: int) -> None:
    assert too_wide(one) == ""
    part, value = word
    values = [*one[part]]
    values.insert(place % (len(values) + 1), value)
    assert too_wide({**one, part: values})


@pytest.mark.parametrize("verb", sorted(WRITING))
@pytest.mark.parametrize("resource", sorted(RUNNING))
def test_whoever_writes_what_runs_containers_can_be_any_account(verb: str, resource: str) -> None:
    assert too_wide(rule([verb], ["configmaps", resource], ["apps", "extensions"]))
    assert too_wide(rule(["get", "list"], [resource])) == ""


def test_names_of_objects_do_not_make_a_secret_harmless() -> None:
    assert too_wide(rule(["get"], ["secrets"]) | {"resourceNames": ["mine"]})
    assert too_wide({"nonResourceURLs": ["/metrics"], "verbs": ["get"]})


def test_what_is_there_already_may_stay() -> None:
    wide = rule(["*"], ["*"])
    assert refused([wide, rule(["get"], ["pods"])], [wide | {"resourceNames": []}]) == ""
    assert refused([wide]) != ""
    assert added([wide, rule(["get"], ["pods"])], [wide]) == [rule(["get"], ["pods"])]


CART = RbacSubject("ServiceAccount", "cart", "shop")
ACCOUNT = Entity(kind="ServiceAccount", namespace="shop", name="cart")


def binding(kind: str = "Role", *subjects: dict[str, Any]) -> dict[str, Any]:
    meta = {"namespace": "shop", "name": "b"}
    return {"kind": "RoleBinding", "metadata": meta, "roleRef": {"kind": kind, "name": "r"}, "subjects": list(subjects)}


@pytest.mark.parametrize(
    ("made", "subject", "rules", "accounts", "why"),
    [
        (binding(), CART, [rule(["get"], ["pods"])], [ACCOUNT], ""),
        (binding(), CART, [rule(["get"], ["pods"])], [], "does not exist"),
        (binding(), CART, None, [ACCOUNT], "does not exist"),
        (binding(), CART, [rule(["get"], ["secrets"])], [ACCOUNT], "a right to secrets"),
        (binding("ClusterRole"), CART, [rule(["get"], ["pods"])], [ACCOUNT], "not of this namespace alone"),
        (binding(), RbacSubject("ServiceAccount", "cart", "evil"), [], [ACCOUNT], "another namespace"),
        (binding(), RbacSubject("Group", "system:authenticated"), [], [ACCOUNT], "a Group"),
        (binding("ClusterRole", {"kind": "User", "name": "ann"}), RbacSubject("User", "ann"), None, [], ""),
    ],
)
def test_who_may_be_bound(made: Any, subject: RbacSubject, rules: Any, accounts: list[Entity], why: str) -> None:
    found = refused_subjects(made, [subject], None if rules is None else {"rules": rules}, accounts)
    assert (why in found) if why else not found


def test_rights_in_words_name_all_of_them() -> None:
    text = in_words(
        [rule(["get", "list"], ["pods", "jobs"], ["", "batch"]), rule(["get"], ["x"]) | {"resourceNames": ["a"]}]
    )
    assert text == "get, list pods, jobs, pods.batch, jobs.batch; get x named a"
    assert in_words([]) == "none"


@given(st.lists(narrow, max_size=3), st.lists(narrow, max_size=3))
def test_what_is_gained_is_what_is_allowed_now_and_was_not(
    after: list[dict[str, Any]], before: list[dict[str, Any]]
) -> None:
    found = gained(after, before)
    for verb in HARMLESS_VERBS:
        for resource in HARMLESS:
            for group in ("", "apps", "batch"):
                asked = Request(verb, resource, group, "shop")
                new = any(covers(one, asked) for one in after) and not any(covers(one, asked) for one in before)
                assert any(covers(one, asked) for one in found) == new


def test_a_name_more_in_a_rule_is_gained_alone() -> None:
    one = rule(["get"], ["configmaps"]) | {"resourceNames": ["a"]}
    assert in_words(gained([one | {"resourceNames": ["a", "b"]}], [one])) == "get configmaps named b"
    assert gained([one], [one | {"resourceNames": ["a", "b"]}]) == []
