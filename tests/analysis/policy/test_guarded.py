"""What people alone grant is refused in every shape, and what is granted is said in full."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.policy.grantable import READABLE, READING, REVIEWS, WRITABLE, WRITING
from aiops.analysis.policy.guarded import added, gained, in_words, is_everybodys, refused, refused_subjects, too_wide
from aiops.analysis.policy.rbac import RbacSubject, Request, covers
from aiops.core.entity import Entity

HARMLESS_VERBS = sorted(READING)
HARMLESS = ["configmaps", "pods", "pods/log", "services", "services/status", "replicationcontrollers/scale"]


def rule(verbs: list[str], resources: list[str], groups: list[str] | None = None) -> dict[str, Any]:
    return {"apiGroups": groups or [""], "resources": resources, "verbs": verbs}


narrow = st.builds(
    rule, st.lists(st.sampled_from(HARMLESS_VERBS), min_size=1), st.lists(st.sampled_from(HARMLESS), min_size=1)
)
word = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz./*-"), max_size=12)
guarded = st.one_of(
    st.tuples(st.just("verbs"), word.filter(lambda one: one not in READING)),
    st.tuples(st.just("apiGroups"), word.filter(lambda one: one != "")),
    st.tuples(st.just("resources"), word.filter(lambda one: ("", one.partition("/")[0]) not in READABLE)),
)


@given(narrow, guarded, st.integers(min_value=0))
def test_one_word_anywhere_that_is_not_known_to_be_harmless_is_too_wide(
    one: dict[str, Any], word: tuple[str, str], place: int
) -> None:
    assert too_wide(one) == ""
    part, value = word
    values = [*one[part]]
    values.insert(place % (len(values) + 1), value)
    assert too_wide({**one, part: values})


@given(verb=word, resource=word, group=word)
def test_nothing_is_granted_that_is_not_in_the_tables(verb: str, resource: str, group: str) -> None:
    name = resource.partition("/")[0]
    known = (verb in READING and (group, name) in READABLE) or (verb in WRITING and (group, resource) in WRITABLE)
    known = known or (verb == "create" and (group, resource) in REVIEWS)
    assert known or too_wide(rule([verb], [resource], [group]))


@pytest.mark.parametrize("one", sorted(READABLE))
def test_reads_of_what_programs_look_at_are_harmless(one: tuple[str, str]) -> None:
    group, resource = one
    assert too_wide(rule(["get", "list", "watch"], [resource], [group])) == ""
    assert too_wide(rule(["delete"], [resource], [group])) == f"the right to delete {f'{resource}.{group}'.strip('.')}"
    assert too_wide(rule(["deletecollection"], [resource], [group]))
    assert bool(too_wide(rule(["create", "patch", "update"], [resource], [group]))) == (one not in WRITABLE)


@pytest.mark.parametrize(
    ("group", "resources", "verb"),
    [
        ("argoproj.io", ["workflows"], "create"),
        ("security.openshift.io", ["securitycontextconstraints"], "use"),
        ("policy", ["podsecuritypolicies"], "use"),
        ("policy", ["poddisruptionbudgets"], "use"),
        ("serving.knative.dev", ["services"], "create"),
        ("external-secrets.io", ["externalsecrets"], "get"),
        ("authorization.openshift.io", ["rolebindings"], "create"),
        ("project.openshift.io", ["projects"], "get"),
        ("snapshot.storage.k8s.io", ["volumesnapshots"], "create"),
        ("cert-manager.io", ["certificates"], "create"),
        ("networking.k8s.io", ["networkpolicies"], "delete"),
        ("networking.k8s.io", ["ingresses"], "create"),
        ("discovery.k8s.io", ["endpointslices"], "patch"),
        ("autoscaling", ["horizontalpodautoscalers"], "patch"),
        ("rbac.authorization.k8s.io", ["roles"], "get"),
        ("extensions", ["deployments"], "get"),
        ("apps", ["deployments"], "patch"),
        ("apps", ["deployments/scale"], "update"),
        ("", ["configmaps", "secrets"], "get"),
        ("", ["configmaps"], "deletecollection"),
        ("", ["endpoints"], "patch"),
        ("", ["services"], "update"),
        ("", ["services/proxy"], "get"),
        ("", ["persistentvolumeclaims"], "delete"),
        ("", ["pods"], "delete"),
        ("", ["pods/exec"], "create"),
        ("", ["pods/exec"], "get"),
        ("", ["pods/eviction"], "create"),
        ("", ["pods/status"], "patch"),
        ("", ["serviceaccounts"], "get"),
        ("", ["serviceaccounts/token"], "create"),
        ("", ["users"], "impersonate"),
        ("", ["nodes"], "get"),
        ("", ["namespaces"], "get"),
        ("authorization.k8s.io", ["subjectaccessreviews"], "create"),
    ],
)
def test_this_is_for_people(group: str, resources: list[str], verb: str) -> None:
    assert too_wide(rule([verb], resources, [group]))


def test_names_of_objects_do_not_make_a_secret_harmless() -> None:
    assert too_wide(rule(["get"], ["secrets"]) | {"resourceNames": ["mine"]})
    assert too_wide({"nonResourceURLs": ["/metrics"], "verbs": ["get"]})


@pytest.mark.parametrize(
    ("one", "everybodys"),
    [
        ({"nonResourceURLs": ["/healthz", "/api/*", "/openapi", "/version/"], "verbs": ["get"]}, True),
        ({"nonResourceURLs": ["/healthz", "*"], "verbs": ["get"]}, False),
        ({"nonResourceURLs": ["/apiary"], "verbs": ["get"]}, False),
        ({"nonResourceURLs": ["/api"], "verbs": ["get", "post"]}, False),
        (rule(["create"], ["selfsubjectaccessreviews"], ["authorization.k8s.io"]), True),
        (rule(["create"], ["subjectaccessreviews"], ["authorization.k8s.io"]), False),
        (rule(["get"], ["configmaps"]), False),
    ],
)
def test_what_everybody_has_is_no_gain(one: dict[str, Any], everybodys: bool) -> None:
    assert is_everybodys(one) == everybodys
    assert not everybodys or too_wide(one) == ""


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
        (binding(), CART, [rule(["get"], ["secrets"])], [ACCOUNT], "the right to get secrets"),
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
            for group in ("", "apps"):
                asked = Request(verb, resource, group, "shop")
                new = any(covers(one, asked) for one in after) and not any(covers(one, asked) for one in before)
                assert any(covers(one, asked) for one in found) == new


def test_a_name_more_in_a_rule_is_gained_alone() -> None:
    one = rule(["get"], ["configmaps"]) | {"resourceNames": ["a"]}
    assert in_words(gained([one | {"resourceNames": ["a", "b"]}], [one])) == "get configmaps named b"
    assert gained([one], [one | {"resourceNames": ["a", "b"]}]) == []
