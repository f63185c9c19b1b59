from __future__ import annotations

import base64
from collections import Counter

from aiops.core.entity import Manifest
from aiops.lab.apps import Application
from aiops.lab.prometheus import load_rules


def _by_kind(application: Application) -> dict[str, list[Manifest]]:
    found: dict[str, list[Manifest]] = {}
    for manifest in application.manifests(now=0.0, seed=1):
        found.setdefault(manifest["kind"], []).append(manifest)
    return found


def _reach(application: Application) -> dict[str, float]:
    """The share of user requests that need each workload, calls that may fail left out."""
    need: Counter[str] = Counter()

    def visit(workload: str, route: str, share: float, own: dict[str, float]) -> None:
        own[workload] = max(own.get(workload, 0.0), share)
        made = application.workloads[workload]
        for stage in application.programs[made.program].routes[route].calls:
            for call in stage:
                if not call.optional:
                    target = made.addresses[call.to].split(":")[0].split(".")[0]
                    visit(target, call.route, share * call.probability, own)

    for operation in application.operations:
        own: dict[str, float] = {}
        visit(application.entry, operation.route, operation.share, own)
        need.update(own)
    return need


def test_every_part_is_needed_by_five_percent_of_the_users(hotel: Application) -> None:
    reach = _reach(hotel)
    own = {name for name, workload in hotel.workloads.items() if not workload.namespace}
    assert own == set(reach)
    assert min(reach.values()) >= 0.05


def test_it_is_as_large_as_it_should_be(hotel: Application) -> None:
    roles = Counter(hotel.programs[w.program].role for w in hotel.workloads.values())
    assert roles["service"] >= 8
    assert roles["store"] >= 3
    services = [w for w in hotel.workloads.values() if hotel.programs[w.program].role == "service"]
    assert {w.replicas for w in services} == {2}
    assert len({hotel.programs[w.program].language for w in services}) >= 4
    assert len(hotel.nodes) == 3


def test_references_between_manifests_hold(hotel: Application) -> None:
    kinds = _by_kind(hotel)
    maps = {(m["metadata"]["namespace"], m["metadata"]["name"]): m["data"] for m in kinds["ConfigMap"]}
    secrets = {(m["metadata"]["namespace"], m["metadata"]["name"]): m["data"] for m in kinds["Secret"]}
    accounts = {(m["metadata"]["namespace"], m["metadata"]["name"]) for m in kinds["ServiceAccount"]}
    referred = 0
    for deployment in kinds["Deployment"]:
        namespace = deployment["metadata"]["namespace"]
        spec = deployment["spec"]["template"]["spec"]
        assert (namespace, spec["serviceAccountName"]) in accounts
        for entry in spec["containers"][0].get("env", []):
            source = entry.get("valueFrom", {})
            if "configMapKeyRef" in source:
                assert source["configMapKeyRef"]["key"] in maps[namespace, source["configMapKeyRef"]["name"]]
                referred += 1
            if "secretKeyRef" in source:
                value = secrets[namespace, source["secretKeyRef"]["name"]][source["secretKeyRef"]["key"]]
                assert base64.b64decode(value)
                referred += 1
    assert referred > 10


def test_services_select_the_pods_and_their_ports(hotel: Application) -> None:
    kinds = _by_kind(hotel)
    templates = [d["spec"]["template"] for d in kinds["Deployment"]]
    for service in kinds["Service"]:
        spec = service["spec"]
        chosen = [t for t in templates if spec["selector"].items() <= t["metadata"]["labels"].items()]
        assert len(chosen) == 1
        names = {p["name"] for p in chosen[0]["spec"]["containers"][0]["ports"]}
        assert {p["targetPort"] for p in spec["ports"]} <= names


def test_deployments_have_limits_probes_and_a_deadline(hotel: Application) -> None:
    for deployment in _by_kind(hotel)["Deployment"]:
        assert deployment["spec"]["progressDeadlineSeconds"] == 120
        container = deployment["spec"]["template"]["spec"]["containers"][0]
        assert {"requests", "limits"} == set(container["resources"])
        assert "readinessProbe" in container
        assert "livenessProbe" in container


def test_names_are_unique_and_dependencies_come_first(hotel: Application) -> None:
    manifests = hotel.manifests(now=0.0, seed=1)
    names = [(m["kind"], m["metadata"].get("namespace", ""), m["metadata"]["name"]) for m in manifests]
    assert len(set(names)) == len(names)
    kinds = [m["kind"] for m in manifests]
    assert max(i for i, k in enumerate(kinds) if k == "Namespace") < kinds.index("Secret")
    assert kinds.index("ConfigMap") < kinds.index("Deployment")


def test_the_manifests_are_new_ones_each_time(hotel: Application) -> None:
    hotel.manifests(now=0.0, seed=1)[0]["metadata"]["name"] = "changed"
    assert hotel.manifests(now=0.0, seed=1)[0]["metadata"]["name"] != "changed"


def test_the_alert_rules_are_a_rule_file(hotel: Application) -> None:
    rules = [rule for group in load_rules(hotel.alert_rules) for rule in group.rules]
    names = [rule.alert for rule in rules]
    assert len(set(names)) == len(names)
    assert {"UserErrorRatioHigh", "UserLatencyHigh", "KubePodCrashLooping", "KubeDeploymentRolloutStuck"} <= set(names)
    assert all(rule.labels["severity"] in ("critical", "warning", "info") for rule in rules)
