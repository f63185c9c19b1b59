"""The control plane is one to test against: objects become what controllers, scheduler and nodes make of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cluster.kubectl import Kubectl, KubectlError

pytestmark = pytest.mark.cluster

LABELS = {"app": "web"}
IMAGE = "busybox:1"
CONTAINER = {
    "name": "web",
    "image": IMAGE,
    # The same two lines that kwok's containers have: on a cluster with real nodes they come from here.
    "command": ["sh", "-c", "echo listening; echo ready >&2; exec sleep 3600"],
    "ports": [{"containerPort": 80}],
    "resources": {"requests": {"cpu": "100m"}},
}


def deployment(namespace: str, replicas: int = 3) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": namespace},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": LABELS},
            "template": {"metadata": {"labels": LABELS}, "spec": {"containers": [CONTAINER]}},
        },
    }


def in_namespace(kind: str, api: str, namespace: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": "web", "namespace": namespace}, "spec": spec}


@pytest.fixture
def web(admin: Kubectl, namespace: str) -> str:
    """A namespace with an available Deployment of three replicas."""
    admin.apply(deployment(namespace))
    admin.wait("condition=Available", "deployment/web", "-n", namespace)
    admin.run("rollout", "status", "deployment/web", "-n", namespace, "--timeout=60s")
    return namespace


def test_nodes_are_ready(admin: Kubectl) -> None:
    nodes = admin.json("get", "nodes")["items"]
    assert all({"InternalIP", "Hostname"} <= {a["type"] for a in node["status"]["addresses"]} for node in nodes)
    ready = [c["status"] for node in nodes for c in node["status"]["conditions"] if c["type"] == "Ready"]
    assert ready == ["True"] * len(nodes)
    assert nodes


def test_nodes_stay_ready_by_their_leases(admin: Kubectl) -> None:
    leases = {
        lease["metadata"]["name"]: lease["spec"]
        for lease in admin.json("get", "leases", "-n", "kube-node-lease")["items"]
    }
    nodes = {node["metadata"]["name"] for node in admin.json("get", "nodes")["items"]}
    assert nodes <= leases.keys()
    assert all(leases[name]["renewTime"] for name in nodes)


def test_a_deployment_runs_its_pods_on_nodes(admin: Kubectl, web: str) -> None:
    pods = admin.json("get", "pods", "-n", web, "-l", "app=web")["items"]
    assert [pod["status"]["phase"] for pod in pods] == ["Running"] * 3
    assert len({pod["status"]["podIP"] for pod in pods}) == 3
    assert all(pod["spec"]["nodeName"] for pod in pods)


def test_a_service_gets_endpoint_slices(admin: Kubectl, web: str) -> None:
    admin.apply(in_namespace("Service", "v1", web, {"selector": LABELS, "ports": [{"port": 80, "targetPort": 80}]}))
    slices = ("endpointslices", "-n", web, "-l", "kubernetes.io/service-name=web")
    admin.wait("create", "endpoints/web", "-n", web)
    admin.wait("jsonpath={.endpoints[2].conditions.ready}=true", *slices)
    addresses = {a for s in admin.json("get", *slices)["items"] for e in s["endpoints"] for a in e["addresses"]}
    assert addresses == {pod["status"]["podIP"] for pod in admin.json("get", "pods", "-n", web)["items"]}


def test_a_viewer_reads_and_may_not_write(kubectl: dict[str, Kubectl], web: str) -> None:
    viewer = kubectl["viewer"]
    assert viewer.json("get", "deployment", "web", "-n", web)["status"]["availableReplicas"] == 3
    with pytest.raises(KubectlError, match=r'User "viewer" cannot patch resource "deployments/scale"'):
        viewer.run("scale", "deployment/web", "-n", web, "--replicas=0")
    with pytest.raises(KubectlError, match=r'cannot list resource "secrets"'):
        viewer.run("get", "secrets", "-n", web)


def test_an_engineer_writes_and_may_not_give_rights(kubectl: dict[str, Kubectl], web: str) -> None:
    engineer = kubectl["engineer"]
    engineer.run("scale", "deployment/web", "-n", web, "--replicas=1")
    with pytest.raises(KubectlError, match=r'cannot create resource "rolebindings"'):
        engineer.run("create", "rolebinding", "more", "--clusterrole=admin", "--user=engineer", "-n", web)


def test_the_assistant_has_no_rights_until_given_some(kubectl: dict[str, Kubectl], web: str) -> None:
    with pytest.raises(KubectlError, match=r'User "system:serviceaccount:aiops:aiops" cannot list resource "pods"'):
        kubectl["assistant"].run("get", "pods", "-n", web)


def test_a_broken_rollout_is_taken_back(admin: Kubectl, web: str) -> None:
    admin.run("set", "resources", "deployment/web", "-n", web, "--requests=cpu=1000")
    with pytest.raises(KubectlError, match="timed out"):
        admin.run("rollout", "status", "deployment/web", "-n", web, "--timeout=2s")
    events = admin.run("get", "events", "-n", web, "--field-selector=reason=FailedScheduling")
    assert "Insufficient cpu" in events
    admin.run("rollout", "undo", "deployment/web", "-n", web)
    admin.run("rollout", "status", "deployment/web", "-n", web, "--timeout=60s")


def test_an_eviction_respects_a_disruption_budget(admin: Kubectl, web: str) -> None:
    admin.apply(
        in_namespace("PodDisruptionBudget", "policy/v1", web, {"minAvailable": 3, "selector": {"matchLabels": LABELS}})
    )
    admin.wait("jsonpath={.status.currentHealthy}=3", "poddisruptionbudget/web", "-n", web)
    pod = admin.json("get", "pods", "-n", web)["items"][0]["metadata"]["name"]
    eviction = f'{{"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {{"name": "{pod}"}}}}'
    path = f"/api/v1/namespaces/{web}/pods/{pod}/eviction"
    with pytest.raises(KubectlError, match="violate the pod's disruption budget"):
        admin.run("create", "--raw", path, "-f", "-", text=eviction)
    admin.run("delete", "poddisruptionbudget", "web", "-n", web)
    admin.run("create", "--raw", path, "-f", "-", text=eviction)
    admin.wait("delete", f"pod/{pod}", "-n", web)


def test_an_autoscaler_says_that_it_has_no_metrics(admin: Kubectl, web: str) -> None:
    if "metrics.k8s.io/" in admin.run("api-versions"):
        pytest.skip("this cluster has metrics")
    admin.run("autoscale", "deployment/web", "-n", web, "--min=1", "--max=5", "--cpu-percent=80")
    admin.wait("condition=ScalingActive=false", "hpa/web", "-n", web)
    conditions = admin.json("get", "hpa", "web", "-n", web)["status"]["conditions"]
    assert {"FailedGetResourceMetric"} <= {condition["reason"] for condition in conditions}


def test_a_custom_resource_is_validated(admin: Kubectl, namespace: str) -> None:
    group = f"{namespace}.example.com"
    schema = {
        "type": "object",
        "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer", "minimum": 1}}}},
    }
    admin.apply(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"widgets.{group}"},
            "spec": {
                "group": group,
                "scope": "Namespaced",
                "names": {"plural": "widgets", "singular": "widget", "kind": "Widget"},
                "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
            },
        }
    )
    try:
        admin.wait("condition=Established", f"crd/widgets.{group}")
        widget = in_namespace("Widget", f"{group}/v1", namespace, {"size": 1})
        admin.create(widget)
        with pytest.raises(KubectlError, match="should be greater than or equal to 1"):
            admin.apply({**widget, "spec": {"size": 0}})
    finally:
        admin.run("delete", "crd", f"widgets.{group}")


def test_a_job_completes_and_is_collected_with_its_pods(admin: Kubectl, namespace: str) -> None:
    admin.run("create", "job", "once", f"--image={IMAGE}", "-n", namespace, "--", "true")
    admin.wait("condition=Complete", "job/once", "-n", namespace)
    admin.run("delete", "job", "once", "-n", namespace)
    admin.wait("delete", "pod", "-l", "job-name=once", "-n", namespace)
    assert admin.run("get", "jobs,pods", "-n", namespace, "-o", "name").split() == []


def test_the_log_of_a_container_is_read_through_its_node(admin: Kubectl, web: str) -> None:
    assert admin.run("logs", "deployment/web", "-n", web).splitlines() == ["listening", "ready"]


def test_deleting_a_namespace_finishes(admin: Kubectl, web: str) -> None:
    admin.run("delete", "namespace", web, "--timeout=60s", seconds=90)
    with pytest.raises(KubectlError, match="NotFound"):
        admin.run("get", "namespace", web)
    admin.run("create", "namespace", web)
