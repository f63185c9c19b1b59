"""Resource quotas and limit ranges. What the real API server says is in the recordings; here: what they hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.entity import Manifest
from aiops.lab.control.quota.recount import QuotaController
from aiops.lab.kube import ObjectStore
from aiops.lab.kube.admission.podresources import pod_requests
from aiops.lab.kube.admission.quantities import added, quantities, quantity, shown
from aiops.lab.kube.admission.quota.counting import counted
from aiops.lab.kube.errors import ApiError
from tests.lab.kube.conftest import new_store
from tests.support.worlds import copy_of


def _quota(store: ObjectStore, name: str = "q", scopes: list[str] | None = None, **hard: str) -> Manifest:
    spec: Manifest = {"hard": {key.replace("__", "."): value for key, value in hard.items()}}
    if scopes:
        spec["scopes"] = scopes
    return store.create(
        {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": name}, "spec": spec}, manager="m"
    )


def _used(store: ObjectStore, name: str = "q") -> dict[str, str]:
    used: dict[str, str] = store.get("ResourceQuota", "default", name)["status"]["used"]
    return used


def test_what_is_let_in_is_counted_at_once_and_what_goes_is_recounted(store: ObjectStore, pod: Any) -> None:
    _quota(store, pods="2", requests__cpu="1")
    pod({"requests": {"cpu": "300m"}})
    assert _used(store) == {"pods": "1", "requests.cpu": "300m"}
    pod({"requests": {"cpu": "700m"}}, name="b")
    with pytest.raises(ApiError, match=r"exceeded quota: q, requested: pods=1,requests\.cpu=1m, used: pods=2,requests"):
        pod({"requests": {"cpu": "1m"}}, name="c")
    store.delete("Pod", "default", "b")
    QuotaController(store).sync(("default", "q"))
    assert _used(store) == {"pods": "1", "requests.cpu": "300m"}


def test_a_dry_run_uses_nothing(store: ObjectStore, pod: Any) -> None:
    _quota(store, pods="1")
    pod(dry_run=True)
    pod(dry_run=True)
    pod()
    with pytest.raises(ApiError, match="exceeded quota"):
        pod(name="b", dry_run=True)


def test_a_pod_that_has_ended_leaves_its_place(store: ObjectStore, pod: Any) -> None:
    _quota(store, pods="1")
    made = pod()
    store.update({**made, "status": {"phase": "Succeeded"}}, manager="kubelet", subresource="status")
    keys = list(QuotaController(store).keys(next(store.history.since(store.revision - 1))))
    assert keys == [("default", "q")]
    QuotaController(store).sync(keys[0])
    pod(name="b")


def test_scopes(store: ObjectStore, pod: Any) -> None:
    _quota(store, "best", ["BestEffort"], pods="0")
    _quota(store, "ending", ["Terminating"], pods="0")
    pod({"requests": {"cpu": "1m"}})
    with pytest.raises(ApiError, match="exceeded quota: best"):
        pod(name="b")
    with pytest.raises(ApiError, match="exceeded quota: ending"):
        pod({"requests": {"cpu": "1m"}}, name="c", activeDeadlineSeconds=5)


SIZES = st.sampled_from(["0", "1", "250m", "1500m", "2", "64Mi", "100M", "1Gi", "1e3", "12345", "0.5"])


@given(st.lists(SIZES, max_size=6))
def test_sums_are_exact_and_read_as_what_they_are(texts: list[str]) -> None:
    total = added([{"x": quantity(text)} for text in texts]).get("x", quantity("0"))
    assert quantity(str(total)).value == total.value == sum((quantity(text).value for text in texts), Decimal(0))


CONTAINERS = st.lists(st.fixed_dictionaries({"cpu": st.integers(0, 900), "memory": st.integers(0, 900)}), max_size=3)


@given(CONTAINERS, CONTAINERS, st.booleans())
def test_a_pod_needs_what_it_needs_at_once(
    main: list[dict[str, int]], init: list[dict[str, int]], sidecars: bool
) -> None:
    """Checked against the definition: the largest need over the time of a pod's life."""

    def container(each: dict[str, int], **more: Any) -> Manifest:
        return {"resources": {"requests": {"cpu": f"{each['cpu']}m", "memory": f"{each['memory']}Mi"}}, **more}

    always = {"restartPolicy": "Always"} if sidecars else {}
    spec = {
        "containers": [container(each) for each in main],
        "initContainers": [container(each, **always) for each in init],
    }
    for name, unit in (("cpu", "m"), ("memory", "Mi")):
        running = 0
        peak = 0
        for each in init:
            peak = max(peak, running + each[name])
            running += each[name] if sidecars else 0
        peak = max(peak, running + sum(each[name] for each in main))
        if main or init:
            assert pod_requests(spec)[name].value == quantity(f"{peak}{unit}").value


STEPS = st.lists(st.tuples(st.sampled_from(["pod", "gone", "ended", "map"]), st.integers(0, 4)), max_size=25)


@given(STEPS)
def test_a_quota_is_never_exceeded_and_agrees_with_a_count(steps: list[tuple[str, int]]) -> None:
    store = copy_of(new_store)
    _quota(store, "q", None, pods="2", requests__cpu="600m", **{"count/configmaps": "2"})
    controller = QuotaController(store)
    for what, number in steps:
        name = f"x{number}"
        try:
            if what == "pod":
                resources = {"requests": {"cpu": f"{100 * number + 100}m"}}
                spec = {"containers": [{"name": "a", "image": "i", "resources": resources}]}
                manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}
                store.create(manifest, manager="m")
            elif what == "gone":
                store.delete("Pod", "default", name)
            elif what == "map":
                store.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}, manager="m")
            else:
                found = store.get("Pod", "default", name)
                store.update({**found, "status": {"phase": "Failed"}}, manager="m", subresource="status")
        except ApiError:
            pass
        actual = quantities(counted(store, store.get("ResourceQuota", "default", "q"))["used"])
        hard = quantities(store.get("ResourceQuota", "default", "q")["spec"]["hard"])
        assert all(actual[key].value <= hard[key].value for key in hard)
    controller.sync(("default", "q"))
    quota = store.get("ResourceQuota", "default", "q")
    assert quota["status"] == counted(store, quota)
    assert quota["status"]["hard"] == shown(quantities(quota["spec"]["hard"]))


def _limits(store: ObjectStore, **item: Any) -> None:
    spec = {"limits": [{"type": "Container", **item}]}
    store.create({"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "l"}, "spec": spec}, manager="m")


def test_defaults_of_a_limit_range(store: ObjectStore, pod: Any) -> None:
    _limits(store, default={"cpu": "1", "memory": "1Gi"}, defaultRequest={"cpu": "100m"})
    made = pod({"limits": {"cpu": "2"}})
    resources = made["spec"]["containers"][0]["resources"]
    # What a limit range leaves out of its default requests, it takes from the default limits.
    assert resources == {"limits": {"cpu": "2", "memory": "1Gi"}, "requests": {"cpu": "2", "memory": "1Gi"}}
    note = "LimitRanger plugin set: memory request for container a; memory limit for container a"
    assert made["metadata"]["annotations"]["kubernetes.io/limit-ranger"] == note


@pytest.mark.parametrize(
    ("bound", "resources", "why"),
    [
        ({"max": {"cpu": "1"}}, {"limits": {"cpu": "1001m"}}, "is 1, but limit is 1001m"),
        ({"min": {"cpu": "1"}}, {"requests": {"cpu": "1m"}}, "is 1, but request is 1m"),
        ({"maxLimitRequestRatio": {"cpu": "2"}}, {"requests": {"cpu": "1"}, "limits": {"cpu": "3"}}, "is 3.000000"),
    ],
)
def test_bounds(store: ObjectStore, pod: Any, bound: Manifest, resources: Manifest, why: str) -> None:
    _limits(store, **bound)
    with pytest.raises(ApiError) as caught:
        pod(resources)
    assert why in str(caught.value)
