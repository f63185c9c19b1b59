"""What chance made is taken out of answers, whatever it was; what anything else made stays to be seen."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conformance.normalise import Normaliser
from tests.conformance.normalise.strings import SAFE, Masks
from tests.conformance.script import Step

MASKS = Masks("names: 10.96.0.7 and 30007", nodes_shown=False)
GET = Step("get", "request", "GET /")
SUFFIXES = st.text(SAFE, min_size=5, max_size=5)
HASHES = st.text("456789bcdf", min_size=8, max_size=10)


def normalised(*bodies: Any, script: str = "") -> list[Any]:
    normalise = Normaliser(script, nodes_shown=False)
    answers = [{"status": 200, "headers": {}, "body": copy.deepcopy(body)} for body in bodies]
    return [normalise(GET, answer)["body"] for answer in answers]


def printed(text: str, command: str = "get pods") -> Any:
    normalise = Normaliser("", nodes_shown=False)
    shown = normalise(Step("k", "kubectl", command), {"code": 0, "stdout": text, "stderr": ""})
    return shown.get("stdout", shown.get("document"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-01-05T09:00:00Z", "<time>"),
        ("at 2026-01-05T09:00:00.123456Z.", "at <time>."),
        ("Mon, 05 Jan 2026 09:00:00 +0000", "<time>"),
        ("web-7c5ddbdf54-x2x4z", "web-<hash>-<x>"),
        ("ReplicaSet/web-7c5ddbdf54", "ReplicaSet/web-<hash>"),
        ("web-7c5ddbdf54-", "web-<hash>-"),
        ("many-x2x4z", "many-<x>"),
        ("kube-api-access-x2x4z", "kube-api-access-<x>"),
        ("hello-29460060", "hello-<minute>"),
        ("web.187a8b9c0d1e2f30", "web.<event>"),
        ("web-7c5ddbdf54-x2x4z.187a8b9c0d1e2f30", "web-<hash>-<x>.<event>"),
        ("10.244.1.17:80", "<ip>:80"),
        ("10.96.0.7", "10.96.0.7"),
        ("80:31234/TCP,81:30007/TCP", "80:<node-port>/TCP,81:30007/TCP"),
        ("https://127.0.0.1:53403/api", "https://<server>/api"),
        ("too old resource version: 1 (345)", "too old resource version: <version>"),
        ("ResourceVersion in record (297)", "ResourceVersion in record (<version>)"),
        ("eyJhbGciOi.eyJpc3Mi.c2ln-bmF0", "<token>"),
        ("-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n", "<certificate>"),
        ("assigned a/b to node-2 in zone-2", "assigned a/b to <node> in <zone>"),
        ("/tmp/LIVE-1234567/v1.Pod", "<temporary>/LIVE/v1.Pod"),
        # what people wrote
        ("web", "web"),
        ("configmap-one", "configmap-one"),
        ("web-green", "web-green"),
        ("my-first-pod", "my-first-pod"),
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("100m", "100m"),
        ("8080/TCP", "8080/TCP"),
        ("node-10", "node-10"),
        ("busybox:1.36", "busybox:1.36"),
    ],
)
def test_texts(text: str, shown: str) -> None:
    assert MASKS.mask(text) == shown


@given(st.text())
def test_masking_twice_is_masking_once(text: str) -> None:
    once = MASKS.mask(text)
    assert MASKS.mask(once) == once


@given(st.text("aeiou /", max_size=30))
def test_words_stay(text: str) -> None:
    assert MASKS.mask(text) == text


def pod(name: str, uid: int, version: int, owner: int, node: int = 1) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "uid": f"{uid:08x}-0000-4000-8000-000000000000",
            "resourceVersion": str(version),
            "creationTimestamp": f"2026-01-05T09:00:{uid % 60:02}Z",
            "ownerReferences": [{"kind": "ReplicaSet", "uid": f"{owner:08x}-0000-4000-8000-000000000000"}],
        },
        "spec": {"nodeName": f"node-{node}"},
        "status": {"phase": "Running", "podIP": f"10.244.0.{uid % 250}"},
    }


@given(HASHES, st.lists(SUFFIXES, min_size=1, max_size=4, unique=True), st.randoms(use_true_random=False))
def test_a_list_of_pods_is_the_same_whatever_chance_called_them(
    digits: str, suffixes: list[str], chance: random.Random
) -> None:
    """Names, uids, versions, times and nodes are drawn; the list comes sorted by name, as the API server does it."""
    numbers = chance.sample(range(1, 10**6), len(suffixes) + 1)
    items = [
        pod(f"web-{digits}-{suffix}", number, number, numbers[-1], chance.randint(1, 3))
        for suffix, number in zip(sorted(suffixes), numbers, strict=False)
    ]
    plain = [pod(f"web-7c5ddbdf54-{c * 5}", i + 1, i + 7, 900) for i, c in enumerate("bcdf"[: len(suffixes)])]
    first, second = ({"apiVersion": "v1", "kind": "PodList", "items": each} for each in (items, plain))
    assert normalised(first) == normalised(second)


def test_uids_and_versions_are_numbered_as_they_appear() -> None:
    def config(uid: int, version: int) -> dict[str, Any]:
        return {**pod("a", uid, version, 99), "kind": "ConfigMap"}

    first, second, third = normalised(config(1, 500), config(2, 501), config(1, 502))
    seen = [(b["metadata"]["uid"], b["metadata"]["resourceVersion"]) for b in (first, second, third)]
    assert seen == [("<uid-2>", "<version-1>"), ("<uid-3>", "<version-1>"), ("<uid-2>", "<version-2>")]
    assert normalised(config(1, 5), config(1, 5)) == normalised(config(8, 7), config(8, 7))
    assert normalised(config(1, 5), config(1, 5)) != normalised(config(8, 7), config(8, 8)), "a write is seen"
    assert normalised(config(1, 5), config(1, 6)) != normalised(config(8, 7), config(9, 8)), "another object is seen"


LEAVES = st.one_of(st.integers(0, 9), st.booleans(), st.none(), st.text("aeiou", min_size=1, max_size=6))
BODIES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text("aeiou", min_size=1), inner)),
    max_leaves=12,
)


@given(BODIES)
def test_what_holds_nothing_of_chance_stays_as_it_is(body: Any) -> None:
    assert normalised(body) == [json.loads(json.dumps(body))]


@given(BODIES, BODIES)
def test_other_values_stay_different(one: Any, other: Any) -> None:
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    shown = (json.dumps(each, sort_keys=True) for each in (normalised(one), normalised(other)))
    assert (len(set(shown)) == 1) == same


def test_what_a_kubelet_writes_is_left_out() -> None:
    whole = pod("web", 1, 1, 2)
    whole["metadata"]["managedFields"] = [
        {"manager": "kwok", "operation": "Update"},
        {"manager": "kubectl", "operation": "Update"},
        {"manager": "ann", "operation": "Apply"},
    ]
    whole["status"] |= {
        "containerStatuses": [],
        "qosClass": "Burstable",
        "conditions": [{"type": "Ready"}, {"type": "PodScheduled"}],
    }
    (shown,) = normalised(whole)
    assert shown["status"] == {"phase": "Running", "qosClass": "Burstable", "conditions": [{"type": "PodScheduled"}]}
    assert [entry["manager"] for entry in shown["metadata"]["managedFields"]] == ["ann", "kubectl"]
    whole["status"]["conditions"] = [{"type": "PodScheduled", "observedGeneration": 1}]
    assert normalised(whole)[0]["status"]["conditions"] == [{"type": "PodScheduled"}], "kwok takes it out"
    del whole["spec"]["nodeName"]
    assert normalised(whole)[0]["status"]["conditions"] == [{"type": "PodScheduled", "observedGeneration": 1}]
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {}, "status": {"conditions": [], "capacity": {"cpu": "8"}}}
    assert normalised(node)[0]["status"] == {"capacity": {"cpu": "8"}}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "status": {"conditions": [{"type": "Ready"}]}}
    assert normalised(deployment) == [deployment]


def test_events_of_a_kubelet_are_left_out_of_lists_tables_and_texts() -> None:
    events = [{"source": {"component": each}} for each in ("kubelet", "default-scheduler")]
    assert len(normalised({"apiVersion": "v1", "kind": "EventList", "items": events})[0]["items"]) == 1
    columns = [{"name": name} for name in ("Last Seen", "Type", "Reason", "Object", "Message")]
    rows = [{"cells": ["5s", "Normal", reason, "pod/web", "..."]} for reason in ("Pulled", "Scheduled")]
    table = {"apiVersion": "meta.k8s.io/v1", "kind": "Table", "columnDefinitions": columns, "rows": rows}
    assert [row["cells"] for row in normalised(table)[0]["rows"]] == [
        ["<age>", "Normal", "Scheduled", "pod/web", "..."]
    ]
    heading = "LAST SEEN   TYPE     REASON      OBJECT    MESSAGE\n"
    text = heading + "5s    Normal   Pulled    pod/web   x\n5s   Normal  Scheduled  pod/web  y\n"
    assert printed(text, "get events") == [
        "LAST SEEN  TYPE  REASON  OBJECT  MESSAGE",
        "<age>  Normal  Scheduled  pod/web  y",
    ]


def test_conflicts_of_an_apply_have_no_order() -> None:
    causes = [{"reason": "FieldManagerConflict", "field": each} for each in (".data.b", ".data.a")]
    first, second = ({"kind": "Status", "details": {"causes": each}} for each in (causes, causes[::-1]))
    assert normalised(first) == normalised(second)
    causes = [{"reason": "FieldValueInvalid", "field": each} for each in ("b", "a")]
    first, second = ({"kind": "Status", "details": {"causes": each}} for each in (causes, causes[::-1]))
    assert normalised(first) != normalised(second), "the order of validation is part of the answer"


def test_tables_that_kubectl_prints() -> None:
    text = (
        "NAME                   READY   STATUS    RESTARTS      AGE\n"
        "web-7c5ddbdf54-zzzzz   1/1     Running   0             5m3s\n"
        "web-7c5ddbdf54-bbbbb   0/1     Pending   1 (2m ago)    12s\n"
    )
    assert printed(text) == [
        "NAME  READY  STATUS  RESTARTS  AGE",
        "web-<hash>-<x>  0/1  Pending  1 (<age> ago)  <age>",
        "web-<hash>-<x>  1/1  Running  0  <age>",
    ]
    assert printed("cpu   100m\nmemory   5m\n") == ["cpu  100m", "memory  5m"], "no table of ages"
    assert printed("web-bbbbb   Running\nweb-bbbbb   Pending\n", "get pods -w") == [
        "web-<x>  Running",
        "web-<x>  Pending",
    ]


def test_documents_that_kubectl_prints_are_objects() -> None:
    body = pod("web", 1, 1, 2)
    for command, text in (
        ("get pod web -o json", json.dumps(body)),
        ("get pod web --output=yaml", json.dumps(body)),
        ("get --raw /x", json.dumps(body)),
    ):
        assert printed(text, command) == normalised(body)[0]
    assert printed("error", "get pod web -o json") == ["error"]
    assert printed("a: 2026-01-05", "get pod web -o yaml") == {"a": "2026-01-05"}


def test_a_tables_columns_are_ages_only_by_name() -> None:
    columns = [{"name": name} for name in ("Name", "Data", "Age")]
    table = {
        "apiVersion": "meta.k8s.io/v1",
        "kind": "Table",
        "columnDefinitions": columns,
        "rows": [{"cells": ["5s", 5, "5s"]}],
    }
    assert normalised(table)[0]["rows"] == [{"cells": ["5s", 5, "<age>"]}]


def test_a_watch_says_the_columns_of_its_tables_once() -> None:
    table = {"apiVersion": "meta.k8s.io/v1", "kind": "Table"}
    columns = [{"name": "Name"}, {"name": "Age"}]
    first = {**table, "columnDefinitions": columns, "rows": [{"cells": ["a", "5s"]}]}
    second = {**table, "columnDefinitions": None, "rows": [{"cells": ["a", "7s"]}]}
    assert [each["rows"] for each in normalised(first, second)] == [[{"cells": ["a", "<age>"]}]] * 2


def test_watch_events_of_a_pod_that_a_kubelet_alone_caused_are_none() -> None:
    before, after = pod("web", 1, 5, 2), pod("web", 1, 6, 2)
    after["status"]["podIP"] = "10.244.0.9"
    normalise = Normaliser("", nodes_shown=False)
    events = [{"type": "MODIFIED", "object": each} for each in (before, after)]
    bookmark = {"type": "BOOKMARK", "object": {"kind": "Pod", "metadata": {"resourceVersion": "7"}}}
    last = {
        "type": "BOOKMARK",
        "object": {"kind": "Pod", "metadata": {"annotations": {"k8s.io/initial-events-end": "true"}}},
    }
    answer = {"status": 200, "headers": {}, "events": [*events, bookmark, last]}
    shown = normalise(Step("w", "watch", "/"), answer)["events"]
    assert [event["type"] for event in shown] == ["MODIFIED", "BOOKMARK"]
