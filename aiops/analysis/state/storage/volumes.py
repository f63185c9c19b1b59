"""Which object is at fault where a claim is missing, unbound, held elsewhere or bound to another place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.analysis.selectors import matches
from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.placing.asking import amount, is_chosen
from aiops.analysis.state.placing.illness import illnesses
from aiops.analysis.state.storage.users import mounts
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Hypothesis
from aiops.core.fields import read
from aiops.core.mechanism import Mechanism

SPEC = "spec.template.spec"
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
SURE, LIKELY, POSSIBLE = 0.92, 0.75, 0.45
UNUSED, MISSPELT = 0.6, 0.8


def missing_suspects(state: ClusterState, maker: Entity, claim: Entity) -> list[Hypothesis]:
    """The workload, where it named another claim before; else the claim that is gone."""
    former = state.templates(maker)
    names = [mounts(template.get("spec") or {}) for template in former[:1]]
    workload = _guess(maker, Mechanism.STORAGE_CLAIM, POSSIBLE, f"{SPEC}.volumes")
    if names and claim.name not in names[0]:
        return [workload.model_copy(update={"strength": SURE})]
    return [_guess(claim, Mechanism.STORAGE_CLAIM, SURE, None), workload]


def unbound_suspects(state: ClusterState, claim: Manifest) -> list[Hypothesis]:
    """The claim, where volumes of its class are there and none fits it; else the class, where it is missing or
    provisions nothing. A claim that waits for its pod to be placed has no fault."""
    entity, spec = Entity.of(claim), claim["spec"]
    if claim.get("status", {}).get("phase") == "Lost":
        return [_guess(entity, Mechanism.STORAGE_CLAIM, SURE, "spec.volumeName")]
    name = spec.get("storageClassName")
    found = state.find("StorageClass", "", name) if name else _default_class(state)
    if found is not None and found.get("volumeBindingMode") == "WaitForFirstConsumer" and not _is_told(state, entity):
        return []
    offered = [pv for pv in state.of("PersistentVolume") if _is_free(pv, entity) and _class_of(pv) == (name or "")]
    if offered:
        fields = {field for pv in offered for field in misfits(spec, pv)}
        field = f"spec.{min(fields)}" if fields else None
        return [_guess(entity, Mechanism.STORAGE_CLAIM, SURE, field)]
    if found is None and not name:
        return [_guess(entity, Mechanism.STORAGE_CLASS, LIKELY, "spec.storageClassName")]
    owner = Entity(kind="StorageClass", name=str(name or (found or {"metadata": {"name": ""}})["metadata"]["name"]))
    # A class that nobody else ever used was more likely misspelt than lost.
    new = found is None and not _is_used(state, entity, owner.name)
    return [
        _guess(owner, Mechanism.STORAGE_CLASS, UNUSED if new else SURE, None),
        _guess(entity, Mechanism.STORAGE_CLASS, MISSPELT if new else POSSIBLE, "spec.storageClassName"),
    ]


def _is_used(state: ClusterState, claim: Entity, name: str) -> bool:
    """Do other claims or volumes have this class?"""
    others = [c for c in state.of("PersistentVolumeClaim") if Entity.of(c) != claim]
    return any(c["spec"].get("storageClassName") == name for c in (*others, *state.of("PersistentVolume")))


def misfits(spec: Manifest, volume: Manifest) -> Iterator[str]:
    """The fields of a claim that a volume cannot meet."""
    offer = volume["spec"]
    if not set(spec.get("accessModes") or ()) <= set(offer.get("accessModes") or ()):
        yield "accessModes"
    if amount(read(spec, "resources.requests.storage")) > amount((offer.get("capacity") or {}).get("storage")):
        yield "resources.requests.storage"
    if spec.get("selector") and not matches(spec["selector"], volume["metadata"].get("labels") or {}):
        yield "selector"
    if spec.get("volumeMode", "Filesystem") != offer.get("volumeMode", "Filesystem"):
        yield "volumeMode"
    if spec.get("volumeName") and spec["volumeName"] != volume["metadata"]["name"]:
        yield "volumeName"


def _is_told(state: ClusterState, claim: Entity) -> bool:
    """Do the controllers of volumes warn of a claim?"""
    return any(
        event.get("reason") in ("ProvisioningFailed", "FailedBinding")
        and (event.get("involvedObject") or {}).get("name") == claim.name
        and (event.get("involvedObject") or {}).get("namespace") == claim.namespace
        for event in state.of("Event", claim.namespace)
    )


def _is_free(volume: Manifest, claim: Entity) -> bool:
    ref = volume["spec"].get("claimRef") or {}
    return not ref or (ref.get("namespace"), ref.get("name")) == (claim.namespace, claim.name)


def _class_of(volume: Manifest) -> str:
    return str(volume["spec"].get("storageClassName") or "")


def _default_class(state: ClusterState) -> Manifest | None:
    marked = [
        c for c in state.of("StorageClass") if (c["metadata"].get("annotations") or {}).get(DEFAULT_CLASS) == "true"
    ]
    return marked[0] if marked else None


def conflict_suspects(state: ClusterState, pod: Manifest, maker: Entity, claim: Manifest) -> list[Hypothesis]:
    """The workload, where it asks for other nodes than before; nodes of the volume's place that take no pods, because
    somebody said so or because they are ill; else the volume itself."""
    volume = state.find("PersistentVolume", "", claim["spec"].get("volumeName", ""))
    there = [node for node in state.of("Node") if volume is not None and _reaches(volume, node)]
    former = [t.get("spec") or {} for t in state.templates(maker)[:1]]
    new = [p for p in ("nodeSelector", "affinity") if any(read(t, p) != read(pod["spec"], p) for t in former)]
    if new:
        return [_guess(maker, Mechanism.STORAGE_AFFINITY, SURE, f"{SPEC}.{path}") for path in new]
    cordoned = [n for n in there if n["spec"].get("unschedulable") and is_chosen(pod["spec"], n)]
    if cordoned or volume is None:
        return [_guess(_node(n), Mechanism.SCHEDULING_CORDON, SURE, "spec.unschedulable") for n in cordoned]
    if there and all(illnesses(node) for node in there):
        return [guess for node in there for guess in illnesses(node)]
    entity = Entity(kind="PersistentVolume", name=volume["metadata"]["name"])
    return [
        _guess(entity, Mechanism.STORAGE_AFFINITY, LIKELY if there else SURE, "spec.nodeAffinity"),
        _guess(Entity.of(claim), Mechanism.STORAGE_AFFINITY, POSSIBLE, "spec.volumeName"),
    ]


def _reaches(volume: Manifest, node: Manifest) -> bool:
    required: Any = read(volume, "spec.nodeAffinity.required")
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required or {}}}
    return is_chosen({"affinity": affinity}, node)


def attach_suspects(state: ClusterState, maker: Entity, claim: Manifest) -> list[Hypothesis]:
    """Whoever shares a volume that one node may mount: a workload that began to use it, or runs as several."""
    entity = Entity.of(claim)
    manifest = state.find(maker.kind, maker.namespace, maker.name) or {}
    former = state.templates(maker)
    strength = POSSIBLE
    field = "spec.replicas"
    if former and entity.name not in mounts(former[0].get("spec") or {}):
        strength, field = SURE, f"{SPEC}.volumes"
    elif read(manifest, "spec.strategy.type") == "RollingUpdate" and read(manifest, "spec.replicas") == 1:
        strength, field = LIKELY, "spec.strategy"
    elif (read(manifest, "spec.replicas") or 1) > 1:
        strength = LIKELY
    return [
        _guess(maker, Mechanism.STORAGE_ACCESS_MODE, strength, field),
        _guess(entity, Mechanism.STORAGE_ACCESS_MODE, POSSIBLE, "spec.accessModes"),
    ]


def _node(node: Manifest) -> Entity:
    return Entity(kind="Node", name=node["metadata"]["name"])


def _guess(subject: Entity, mechanism: Mechanism, strength: float, field: str | None) -> Hypothesis:
    return Hypothesis(subject=subject, mechanism=mechanism, strength=strength, field=field)
