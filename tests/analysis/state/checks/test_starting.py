"""Checks of containers that do not start: init containers, commands, images, and what pods refer to."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from aiops.core.clock import rfc3339
from aiops.core.mechanism import Mechanism


def rolled_out(shop: Any, name: str) -> dict[str, Any]:
    """The template of a second revision of a workload, which a test may change before `pod_of_new`."""
    deployment = shop.get("Deployment", name)
    deployment["spec"]["template"] = copy.deepcopy(deployment["spec"]["template"])
    template: dict[str, Any] = deployment["spec"]["template"]
    return template


def pod_of_new(shop: Any, name: str) -> dict[str, Any]:
    """The second revision with a pod that is not ready."""
    template = shop.get("Deployment", name)["spec"]["template"]
    replica_set = shop.replica_set(name, 2, template)
    replica_set["metadata"]["creationTimestamp"] = rfc3339(shop.now - 300)
    pod: dict[str, Any] = shop.pod(name, template, "b", 2)
    pod["metadata"]["creationTimestamp"] = rfc3339(shop.now - 300)
    pod["status"]["conditions"] = [{"type": "Ready", "status": "False"}]
    pod["status"]["containerStatuses"][0]["ready"] = False
    shop.objects += [replica_set, pod]
    return pod


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    return {"waiting": {"reason": reason, "message": message}}


def ended(code: int, at: float, reason: str = "Error", message: str = "") -> dict[str, Any]:
    return {"terminated": {"exitCode": code, "reason": reason, "message": message, "finishedAt": rfc3339(at)}}


def event(shop: Any, pod: dict[str, Any], reason: str, message: str, ago: float = 30.0, count: int = 5) -> None:
    meta = pod["metadata"]
    times = {"firstTimestamp": rfc3339(shop.now - 200), "lastTimestamp": rfc3339(shop.now - ago)}
    about = {"kind": "Pod", "namespace": meta["namespace"], "name": meta["name"]}
    name = {"namespace": meta["namespace"], "name": f"e{len(shop.objects)}"}
    kind = {"kind": "Event", "type": "Warning", "reason": reason, "message": message, "count": count}
    shop.objects.append({**kind, "metadata": name, "involvedObject": about, **times})


def blamed(shop: Any, check: str) -> list[tuple[str, Mechanism, str | None]]:
    return [(str(h.subject), h.mechanism, h.field) for found in shop.find(check) for h in found.suggests]


INIT = {"name": "wait", "image": "busybox:1", "command": ["sh", "-c", "sleep 9999"]}
PATH = "spec.template.spec"


@pytest.mark.parametrize("hangs", [True, False])
def test_an_init_container_that_came_with_the_revision_and_does_not_end(shop: Any, hangs: bool) -> None:
    rolled_out(shop, "cart")["spec"]["initContainers"] = [INIT]
    pod = pod_of_new(shop, "cart")
    state = {"running": {"startedAt": rfc3339(shop.now - 290)}} if hangs else waiting("CrashLoopBackOff")
    status = {"name": "wait", "restartCount": 4, "state": state, "lastState": {} if hangs else ended(1, shop.now - 9)}
    pod["status"]["initContainerStatuses"] = [status]
    (found,) = shop.find("init-container")
    (guess,) = found.suggests
    assert (str(guess.subject), guess.mechanism) == ("Deployment/shop/cart", Mechanism.CONFIG_INIT_CONTAINER)
    assert (guess.field, guess.strength > 0.9) == (f"{PATH}.initContainers[wait]", True)
    assert blamed(shop, "crash-loop") == [], "the check of init containers knows more"


def test_an_init_container_that_was_there_before_may_wait_for_somebody_else(shop: Any) -> None:
    shop.get("Deployment", "cart")["spec"]["template"]["spec"]["initContainers"] = [INIT]
    shop.get("ReplicaSet", "cart-1")["spec"]["template"]["spec"]["initContainers"] = [INIT]
    pod = pod_of_new(shop, "cart")
    pod["status"]["initContainerStatuses"] = [
        {"name": "wait", "state": {"running": {"startedAt": rfc3339(shop.now - 290)}}}
    ]
    (found,) = shop.find("init-container")
    assert found.suggests[0].strength < 0.7


def test_an_init_container_at_work_is_nothing(shop: Any) -> None:
    rolled_out(shop, "cart")["spec"]["initContainers"] = [INIT]
    pod = pod_of_new(shop, "cart")
    pod["status"]["initContainerStatuses"] = [
        {"name": "wait", "state": {"running": {"startedAt": rfc3339(shop.now - 20)}}}
    ]
    assert shop.find("init-container") == []


NOT_FOUND = 'exec: "/app/sevre": stat /app/sevre: no such file or directory: unknown'


@pytest.mark.parametrize("code", [127, 128])
def test_a_command_that_is_not_in_the_image(shop: Any, code: int) -> None:
    rolled_out(shop, "cart")["spec"]["containers"][0]["command"] = ["/app/sevre"]
    pod = pod_of_new(shop, "cart")
    reason, message = ("StartError", NOT_FOUND) if code == 128 else ("Error", "")
    status = {"state": waiting("CrashLoopBackOff"), "lastState": ended(code, shop.now - 9, reason, message)}
    pod["status"]["containerStatuses"][0] |= {"restartCount": 4, **status}
    assert blamed(shop, "cannot-start") == [
        ("Deployment/shop/cart", Mechanism.CONFIG_COMMAND, f"{PATH}.containers[cart].command")
    ]
    assert blamed(shop, "crash-loop") == []


def test_an_image_without_the_command_that_stands_as_before_is_the_wrong_one(shop: Any) -> None:
    rolled_out(shop, "cart")["spec"]["containers"][0]["image"] = "registry/orders:1"
    pod = pod_of_new(shop, "cart")
    pod["status"]["containerStatuses"][0]["state"] = waiting("RunContainerError", NOT_FOUND)
    assert blamed(shop, "cannot-start") == [
        ("Deployment/shop/cart", Mechanism.IMAGE_WRONG, f"{PATH}.containers[cart].image")
    ]


def test_an_image_for_another_processor(shop: Any) -> None:
    rolled_out(shop, "cart")["spec"]["containers"][0]["image"] = "registry/cart:2"
    pod = pod_of_new(shop, "cart")
    last = ended(1, shop.now - 9, "StartError", "exec /app/cart: exec format error")
    pod["status"]["containerStatuses"][0] |= {"state": waiting("CrashLoopBackOff"), "lastState": last}
    assert blamed(shop, "cannot-start")[0][1] == Mechanism.IMAGE_ARCHITECTURE


def test_a_crash_with_an_image_of_another_name_speaks_for_the_wrong_image(shop: Any) -> None:
    rolled_out(shop, "cart")["spec"]["containers"][0]["image"] = "registry/orders:1"
    pod = pod_of_new(shop, "cart")
    pod["status"]["containerStatuses"][0] |= {"restartCount": 3, "state": ended(1, shop.now - 5)}
    (found,) = shop.find("crash-loop")
    assert max(found.suggests, key=lambda h: h.strength).mechanism == Mechanism.IMAGE_WRONG
    assert found.since == shop.now - 300, "it has done nothing else since its pod was made"


@pytest.mark.parametrize("crashes", [True, False])
def test_a_sidecar_that_came_with_the_revision(shop: Any, crashes: bool) -> None:
    rolled_out(shop, "cart")["spec"]["containers"].append({"name": "proxy", "image": "proxy:1"})
    pod = pod_of_new(shop, "cart")
    state = ended(1, shop.now - 5) if crashes else {"running": {"startedAt": rfc3339(shop.now - 290)}}
    pod["status"]["containerStatuses"] = [{"name": "proxy", "ready": False, "restartCount": 3, "state": state}]
    assert (
        "Deployment/shop/cart",
        Mechanism.CONFIG_SIDECAR,
        f"{PATH}.containers[proxy]",
    ) in blamed(shop, "crash-loop" if crashes else "failing-probe")


@pytest.mark.parametrize(
    ("message", "changed", "mechanism"),
    [
        ("manifest unknown: not found", True, Mechanism.IMAGE_UNAVAILABLE),
        ("failed to fetch anonymous token: unexpected status: 401 Unauthorized", True, Mechanism.IMAGE_CREDENTIALS),
        ("no match for platform in manifest: not found", True, Mechanism.IMAGE_ARCHITECTURE),
        (
            "pull access denied, repository does not exist or may require authorization",
            False,
            Mechanism.IMAGE_CREDENTIALS,
        ),
        (
            "pull access denied, repository does not exist or may require authorization",
            True,
            Mechanism.IMAGE_UNAVAILABLE,
        ),
    ],
)
def test_why_an_image_cannot_be_pulled(shop: Any, message: str, changed: bool, mechanism: Mechanism) -> None:
    if changed:
        rolled_out(shop, "cart")["spec"]["containers"][0]["image"] = "registry/cart:2"
    pod = pod_of_new(shop, "cart")
    pod["status"]["containerStatuses"][0]["state"] = waiting("ImagePullBackOff", "Back-off pulling image")
    event(shop, pod, "Failed", f'Failed to pull image "registry/cart:2": {message}')
    event(shop, pod, "Failed", "Error: ErrImagePull")
    assert [found[1] for found in blamed(shop, "image-unavailable")] == [mechanism]


def test_whose_pull_secret_is_at_fault(shop: Any) -> None:
    pod = pod_of_new(shop, "cart")
    pod["spec"]["imagePullSecrets"] = [{"name": "pull"}]
    pod["status"]["containerStatuses"][0]["state"] = waiting("ErrImagePull", "unexpected status: 401 Unauthorized")
    assert blamed(shop, "image-unavailable")[0][0] == "Secret/shop/pull"
    event(shop, pod, "FailedToRetrieveImagePullSecret", "Unable to retrieve some image pull secrets (pull); attempting")
    assert blamed(shop, "image-unavailable")[0] == ("Secret/shop/pull", Mechanism.IMAGE_CREDENTIALS, None)
    shop.get("ReplicaSet", "cart-1")["spec"]["template"]["spec"]["imagePullSecrets"] = [{"name": "pull"}]
    assert blamed(shop, "image-unavailable")[0][2] == f"{PATH}.imagePullSecrets"


def test_a_service_account_that_lost_its_pull_secret(shop: Any) -> None:
    pod = pod_of_new(shop, "cart")
    pod["status"]["containerStatuses"][0]["state"] = waiting("ErrImagePull", "unexpected status: 401 Unauthorized")
    shop.get("Pod", "cart-1-a")["spec"]["imagePullSecrets"] = [{"name": "pull"}]
    assert blamed(shop, "image-unavailable")[0][:2] == ("ServiceAccount/shop/default", Mechanism.IMAGE_CREDENTIALS)


def _mounting(shop: Any, name: str) -> dict[str, Any]:
    template = shop.get("Deployment", "cart")["spec"]["template"]
    template["spec"]["volumes"] = [{"name": "v", "configMap": {"name": name}}]
    pod = pod_of_new(shop, "cart")
    pod["status"] |= {
        "phase": "Pending",
        "containerStatuses": [{"name": "cart", "state": waiting("ContainerCreating")}],
    }
    return pod


@pytest.mark.parametrize(
    ("said", "mechanism", "field"),
    [
        ('configmap "rules" not found', Mechanism.CONFIG_OBJECT_MISSING, None),
        ("references non-existent config key: a.yaml", Mechanism.CONFIG_MISSING_KEY, "data.a.yaml"),
    ],
)
def test_a_volume_that_shows_what_is_not_there(shop: Any, said: str, mechanism: Mechanism, field: str | None) -> None:
    rolled_out(shop, "cart")
    pod = _mounting(shop, "rules")
    shop.get("ReplicaSet", "cart-1")["spec"]["template"]["spec"]["volumes"] = [
        {"name": "v", "configMap": {"name": "rules"}}
    ]
    event(shop, pod, "FailedMount", f'MountVolume.SetUp failed for volume "v" : {said}')
    assert blamed(shop, "volume-config") == [("ConfigMap/shop/rules", mechanism, field)]


def test_a_volume_that_a_revision_took_from_another_object_is_the_workloads_fault(shop: Any) -> None:
    rolled_out(shop, "cart")
    pod = _mounting(shop, "ruels")
    shop.get("ReplicaSet", "cart-1")["spec"]["template"]["spec"]["volumes"] = [
        {"name": "v", "configMap": {"name": "rules"}}
    ]
    event(shop, pod, "FailedMount", 'MountVolume.SetUp failed for volume "v" : configmap "ruels" not found')
    (found,) = blamed(shop, "volume-config")
    assert found == ("Deployment/shop/cart", Mechanism.CONFIG_OBJECT_MISSING, f"{PATH}.volumes[v]")


@pytest.mark.parametrize("probe", ["Liveness", "Startup"])
def test_a_probe_that_kills_and_came_with_the_revision(shop: Any, probe: str) -> None:
    name = f"{probe.lower()}Probe"
    rolled_out(shop, "cart")["spec"]["containers"][0][name] = {"httpGet": {"path": "/alive", "port": 8081}}
    pod = pod_of_new(shop, "cart")
    pod["status"]["containerStatuses"][0] |= {"restartCount": 4, "state": ended(143, shop.now - 5)}
    event(shop, pod, "Unhealthy", f"{probe} probe failed: HTTP probe failed with statuscode: 404")
    (found,) = shop.find("killed-by-probe")
    (guess,) = found.suggests
    assert (guess.mechanism, guess.field, guess.strength) == (
        Mechanism.CONFIG_PROBE,
        f"{PATH}.containers[cart].{name}",
        0.9,
    )
    assert blamed(shop, "crash-loop") == [], "its exit code is that of being told to end"


def test_a_process_that_says_itself_that_it_is_not_well_is_no_wrong_probe(shop: Any) -> None:
    pod = shop.get("Pod", "cart-1-a")
    pod["spec"]["containers"][0]["livenessProbe"] = {"httpGet": {"path": "/alive", "port": 8081}}
    shop.status("cart")["restartCount"] = 2
    event(shop, pod, "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500")
    (found,) = shop.find("killed-by-probe")
    assert found.suggests[0].strength < 0.3
    assert shop.find("failing-probe") == []


def test_a_probe_that_failed_long_ago_or_without_a_restart_is_nothing(shop: Any) -> None:
    pod = shop.get("Pod", "cart-1-a")
    pod["spec"]["containers"][0]["livenessProbe"] = {"tcpSocket": {"port": 8081}}
    event(shop, pod, "Unhealthy", "Liveness probe failed: timeout")
    assert shop.find("killed-by-probe") == []
    shop.status("cart")["restartCount"] = 1
    shop.objects.pop()
    event(shop, pod, "Unhealthy", "Liveness probe failed: timeout", ago=3000)
    assert shop.find("killed-by-probe") == []
