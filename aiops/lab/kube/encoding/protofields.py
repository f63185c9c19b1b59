"""Field numbers of the messages that kubectl sends as protobuf, as in the `generated.proto` files of k8s.io/api."""

from __future__ import annotations

from dataclasses import dataclass

IGNORED = "ignored"
"""The kind of a message that a client has no say in, such as a status."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a message. `kind` is a message's name or a scalar; `of` is the kind of a map's values."""

    name: str
    kind: str = "string"
    repeated: bool = False
    of: str = "string"


def _message(**fields: tuple[int, str] | int) -> dict[int, Field]:
    """`name=number` is a string; `name=(number, kind)` something else, `[]kind` a list and `map:kind` a map."""
    found = {}
    for name, entry in fields.items():
        number, kind = (entry, "string") if isinstance(entry, int) else entry
        if kind.startswith("map:"):
            found[number] = Field(name, "map", of=kind.removeprefix("map:"))
        else:
            found[number] = Field(name, kind.removeprefix("[]"), repeated=kind.startswith("[]"))
    return found


def _object(spec: str = "", status: str = "") -> dict[int, Field]:
    fields: dict[str, tuple[int, str] | int] = {"metadata": (1, "ObjectMeta")}
    if spec:
        fields["spec"] = (2, spec)
    return _message(**fields, **({"status": (3, status)} if status else {}))


MESSAGES: dict[str, dict[int, Field]] = {
    "ObjectMeta": _message(
        name=1, generateName=2, namespace=3, selfLink=4, uid=5, resourceVersion=6, generation=(7, "int"),
        creationTimestamp=(8, "Time"), deletionTimestamp=(9, "Time"), deletionGracePeriodSeconds=(10, "int"),
        labels=(11, "map:string"), annotations=(12, "map:string"), finalizers=(14, "[]string"),
    ),
    "Namespace": _object("NamespaceSpec", IGNORED),
    "NamespaceSpec": _message(finalizers=(1, "[]string")),
    "ConfigMap": _message(
        metadata=(1, "ObjectMeta"), data=(2, "map:string"), binaryData=(3, "map:bytes"), immutable=(4, "bool")
    ),
    "Secret": _message(
        metadata=(1, "ObjectMeta"), data=(2, "map:bytes"), type=3, stringData=(4, "map:string"), immutable=(5, "bool")
    ),
    "ServiceAccount": _message(metadata=(1, "ObjectMeta"), automountServiceAccountToken=(4, "bool")),
    "ResourceAttributes": _message(namespace=1, verb=2, group=3, version=4, resource=5, subresource=6, name=7),
    "NonResourceAttributes": _message(path=1, verb=2),
    "SelfSubjectAccessReview": _object("SelfAccessSpec", IGNORED),
    "SelfAccessSpec": _message(
        resourceAttributes=(1, "ResourceAttributes"), nonResourceAttributes=(2, "NonResourceAttributes")
    ),
    "SubjectAccessReview": _object("AccessSpec", IGNORED),
    "AccessSpec": _message(
        resourceAttributes=(1, "ResourceAttributes"), nonResourceAttributes=(2, "NonResourceAttributes"), user=3,
        groups=(4, "[]string"), uid=6,
    ),
    "SelfSubjectRulesReview": _object("RulesSpec", IGNORED),
    "RulesSpec": _message(namespace=1),
    "PolicyRule": _message(
        verbs=(1, "[]string"), apiGroups=(2, "[]string"), resources=(3, "[]string"), resourceNames=(4, "[]string"),
        nonResourceURLs=(5, "[]string"),
    ),
    "Role": _message(metadata=(1, "ObjectMeta"), rules=(2, "[]PolicyRule")),
    "Subject": _message(kind=1, apiGroup=2, name=3, namespace=4),
    "RoleRef": _message(apiGroup=1, kind=2, name=3),
    "RoleBinding": _message(metadata=(1, "ObjectMeta"), subjects=(2, "[]Subject"), roleRef=(3, "RoleRef")),
    "LabelSelector": _message(matchLabels=(1, "map:string"), matchExpressions=(2, "[]Requirement")),
    "Requirement": _message(key=1, operator=2, values=(3, "[]string")),
    "Deployment": _object("DeploymentSpec", IGNORED),
    "DeploymentSpec": _message(
        replicas=(1, "int"), selector=(2, "LabelSelector"), template=(3, "PodTemplate"), strategy=(4, "Strategy"),
        minReadySeconds=(5, "int"), revisionHistoryLimit=(6, "int"), paused=(7, "bool"),
        progressDeadlineSeconds=(9, "int"),
    ),
    "Strategy": _message(type=1, rollingUpdate=(2, "RollingUpdate")),
    "RollingUpdate": _message(maxUnavailable=(1, "IntOrString"), maxSurge=(2, "IntOrString")),
    "PodTemplate": _message(metadata=(1, "ObjectMeta"), spec=(2, "PodSpec")),
    "PodSpec": _message(
        containers=(2, "[]Container"), restartPolicy=3, terminationGracePeriodSeconds=(4, "int"), dnsPolicy=6,
        nodeSelector=(7, "map:string"), serviceAccountName=8, serviceAccount=9, nodeName=10, hostNetwork=(11, "bool"),
        hostPID=(12, "bool"), hostIPC=(13, "bool"), hostname=16, subdomain=17, schedulerName=19, priorityClassName=24,
    ),
    "Container": _message(
        name=1, image=2, command=(3, "[]string"), args=(4, "[]string"), workingDir=5, ports=(6, "[]ContainerPort"),
        env=(7, "[]EnvVar"), resources=(8, "Resources"), terminationMessagePath=13, imagePullPolicy=14,
        stdin=(16, "bool"), stdinOnce=(17, "bool"), tty=(18, "bool"), terminationMessagePolicy=20,
    ),
    "ContainerPort": _message(name=1, hostPort=(2, "int"), containerPort=(3, "int"), protocol=4, hostIP=5),
    "EnvVar": _message(name=1, value=2),
    "Resources": _message(limits=(1, "map:Quantity"), requests=(2, "map:Quantity")),
    "Service": _object("ServiceSpec", IGNORED),
    "ServiceSpec": _message(
        ports=(1, "[]ServicePort"), selector=(2, "map:string"), clusterIP=3, type=4, sessionAffinity=7,
        loadBalancerIP=8, externalName=10, externalTrafficPolicy=11, healthCheckNodePort=(12, "int"),
        publishNotReadyAddresses=(13, "bool"),
    ),
    "ServicePort": _message(
        name=1, protocol=2, port=(3, "int"), targetPort=(4, "IntOrString"), nodePort=(5, "int"), appProtocol=6
    ),
    "Eviction": _message(metadata=(1, "ObjectMeta"), deleteOptions=(2, "DeleteOptions")),
    "DeleteOptions": _message(
        gracePeriodSeconds=(1, "int"), preconditions=(2, "Preconditions"), orphanDependents=(3, "bool"),
        propagationPolicy=4, dryRun=(5, "[]string"),
    ),
    "Preconditions": _message(uid=1, resourceVersion=2),
}  # fmt: skip
"""Message -> field number -> field."""

_AUTH, _RBAC = "authorization.k8s.io/v1", "rbac.authorization.k8s.io/v1"

OBJECTS: dict[tuple[str, str], str] = {
    **{("v1", kind): kind for kind in ("Namespace", "ConfigMap", "Secret", "ServiceAccount", "Service")},
    **{("v1", "DeleteOptions"): "DeleteOptions", ("policy/v1", "Eviction"): "Eviction"},
    **{(_AUTH, kind): kind for kind in ("SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview")},
    (_AUTH, "LocalSubjectAccessReview"): "SubjectAccessReview",
    (_RBAC, "Role"): "Role",
    (_RBAC, "ClusterRole"): "Role",
    (_RBAC, "RoleBinding"): "RoleBinding",
    (_RBAC, "ClusterRoleBinding"): "RoleBinding",
    ("apps/v1", "Deployment"): "Deployment",
}
"""(apiVersion, kind) -> message."""
