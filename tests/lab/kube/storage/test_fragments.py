"""What equal objects have in common is kept once, and nobody can see it."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.kube import ObjectStore
from aiops.lab.kube.objects import clone
from aiops.lab.kube.patching.fieldset import shared
from aiops.lab.kube.storage.fragments import Fragments

scalars = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from([0.0, 1.0]) | st.sampled_from(["a", "b", ""])
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "x", "managedFields"]), inner, max_size=3)
    ),
    max_leaves=12,
)
sections = st.dictionaries(st.sampled_from(["name", "x", "y"]), values, max_size=3)
pods = st.fixed_dictionaries({"kind": st.just("Pod"), "metadata": sections, "spec": sections, "status": sections})


@given(st.lists(pods, max_size=4))
def test_objects_are_equal_to_the_byte(given_pods: list[dict[str, Any]]) -> None:
    fragments = Fragments()
    before = None
    for pod in given_pods:
        text = orjson.dumps(pod)
        stored = fragments.share("Pod", pod, before)
        assert orjson.dumps(stored) == text == orjson.dumps(pod)
        before = stored


@given(sections, sections)
def test_sets_of_fields_are_equal_to_the_byte_but_for_their_order(one: dict[str, Any], other: dict[str, Any]) -> None:
    for each in (one, other):
        fields = orjson.loads(orjson.dumps(_fields(each)))
        assert orjson.dumps(shared(fields)) == orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)


def _fields(value: Any) -> dict[str, Any]:
    return {f"f:{name}": _fields(below) for name, below in value.items()} if isinstance(value, dict) else {}


def test_pods_of_one_template_share_its_parts(store: ObjectStore) -> None:
    ports = [{"containerPort": 80}]
    container = {"name": "app", "image": "app:1", "ports": ports, "resources": {"requests": {"cpu": "1"}}}
    pods = []
    for name in ("a", "b"):
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name},
            "spec": {"containers": [clone(container)]},
        }
        pods.append(store.create(pod, manager="m"))
    one, other = (pod["spec"]["containers"][0] for pod in pods)
    assert one["resources"] is other["resources"]
    assert one["image"] is other["image"]
    assert pods[0]["spec"]["tolerations"][0] is pods[1]["spec"]["tolerations"][0]
