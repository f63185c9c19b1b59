"""EndpointSlices and Endpoints follow the pods."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest

PORTS = {"ports": [{"name": "http", "containerPort": 8080}]}
READINESS = {"readinessProbe": {"httpGet": {"port": 8080}, "periodSeconds": 5, "failureThreshold": 1}}


def _service(lab: Any, **spec: Any) -> None:
    body = {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}], **spec}
    lab.create("v1", "Service", "web", spec=body)


def _slice(lab: Any) -> Manifest:
    (found,) = lab.store.objects("EndpointSlice", "default")
    return dict(found)


def test_ready_pods_are_endpoints(lab: Any) -> None:
    _service(lab)
    lab.deploy(replicas=3, container=PORTS)
    lab.settle()
    found = _slice(lab)
    assert found["ports"] == [{"name": "", "port": 8080, "protocol": "TCP"}]
    assert [e["conditions"] for e in found["endpoints"]] == [{"ready": True, "serving": True, "terminating": False}] * 3
    assert found["metadata"]["labels"]["kubernetes.io/service-name"] == "web"
    (subset,) = lab.store.get("Endpoints", "default", "web")["subsets"]
    assert {address["targetRef"]["name"] for address in subset["addresses"]} == {
        pod["metadata"]["name"] for pod in lab.pods()
    }


def test_a_pod_that_is_not_ready_is_kept_apart(lab: Any) -> None:
    _service(lab)
    lab.deploy(replicas=2, container={**PORTS, **READINESS})
    lab.settle()
    lab.processes.sick["app:1"] = "refused"
    lab.ticks(3)
    assert {e["conditions"]["ready"] for e in _slice(lab)["endpoints"]} == {False}
    (subset,) = lab.store.get("Endpoints", "default", "web")["subsets"]
    assert "addresses" not in subset
    assert len(subset["notReadyAddresses"]) == 2


def test_a_pod_that_ends_takes_no_new_requests(lab: Any) -> None:
    _service(lab)
    lab.deploy(replicas=1, container=PORTS)
    lab.settle()
    name = lab.pods()[0]["metadata"]["name"]
    lab.store.delete("Pod", "default", name)
    lab.control.step()
    conditions = {e["targetRef"]["name"]: e["conditions"] for e in _slice(lab)["endpoints"]}
    assert conditions[name] == {"ready": False, "serving": True, "terminating": True}


def test_a_named_port_is_looked_up_in_the_pod(lab: Any) -> None:
    _service(lab, ports=[{"port": 80, "targetPort": "http"}])
    lab.deploy(replicas=1, container=PORTS)
    lab.settle()
    assert _slice(lab)["ports"] == [{"name": "", "port": 8080, "protocol": "TCP"}]


def test_a_named_port_that_no_pod_has_leaves_no_port(lab: Any) -> None:
    _service(lab, ports=[{"port": 80, "targetPort": "grpc"}])
    lab.deploy(replicas=1, container=PORTS)
    lab.settle()
    assert _slice(lab)["ports"] is None
    assert "subsets" not in lab.store.get("Endpoints", "default", "web")


def test_a_selector_that_fits_nothing_leaves_no_endpoints(lab: Any) -> None:
    _service(lab)
    lab.deploy(replicas=2)
    lab.settle()
    lab.edit("Service", "web", lambda item: item["spec"].update(selector={"app": "wbe"}))
    lab.settle()
    assert (_slice(lab)["endpoints"], _slice(lab)["ports"]) == (None, None)
    assert "subsets" not in lab.store.get("Endpoints", "default", "web")


def test_a_changed_target_port_moves_the_endpoints(lab: Any) -> None:
    _service(lab)
    lab.deploy(replicas=1)
    lab.settle()
    before = _slice(lab)["metadata"]
    lab.edit("Service", "web", lambda item: item["spec"]["ports"][0].update(targetPort=9999))
    lab.settle()
    assert _slice(lab)["ports"][0]["port"] == 9999
    assert _slice(lab)["metadata"]["name"] == before["name"]
    assert _slice(lab)["metadata"]["generation"] == before["generation"] + 1


def test_a_service_without_selector_is_left_alone(lab: Any) -> None:
    _service(lab, selector=None)
    lab.settle()
    assert lab.store.objects("EndpointSlice") == []


def test_endpoints_go_with_their_service(lab: Any) -> None:
    _service(lab)
    lab.deploy(replicas=1)
    lab.settle()
    lab.store.delete("Service", "default", "web")
    lab.settle()
    assert lab.store.objects("EndpointSlice") == []
    assert lab.store.find("Endpoints", "default", "web") is None


def test_many_pods_fill_several_slices(make_lab: Any) -> None:
    lab = make_lab(nodes=0)
    lab.create("v1", "Node", "big", status={"capacity": {"cpu": "64", "memory": "256Gi", "pods": "250"}})
    _service(lab)
    lab.deploy(replicas=230)
    lab.settle()
    slices = lab.store.objects("EndpointSlice", "default")
    assert sorted(len(item["endpoints"]) for item in slices) == [30, 100, 100]
    lab.scale("web", 20)
    lab.settle()
    left = [len(item["endpoints"]) for item in lab.store.objects("EndpointSlice", "default")]
    assert sum(left) == 20
    assert len(left) <= 3, "what stays keeps its slice; empty ones go"
