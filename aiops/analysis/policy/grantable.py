"""The rights that a machine may grant.

An allow-list: what a right to a kind that is not named here comes to, nobody knows here. A custom resource runs
containers, copies Secrets or opens networks where its operator likes, and of the built-in kinds many lead to other
rights, to credentials or to somebody else's traffic: see "Privilege escalation" of
https://kubernetes.io/docs/concepts/security/rbac-good-practices/.
"""

from __future__ import annotations

READING = frozenset({"get", "list", "watch"})
WRITING = frozenset({"create", "patch", "update"})

_READ = {
    "": (
        "configmaps",
        "endpoints",
        "events",
        "limitranges",
        "persistentvolumeclaims",
        "persistentvolumeclaims/status",
        "pods",
        "pods/log",
        "pods/status",
        "replicationcontrollers",
        "replicationcontrollers/scale",
        "replicationcontrollers/status",
        "resourcequotas",
        "resourcequotas/status",
        "services",
        "services/status",
    ),
    "apps": (
        "controllerrevisions",
        "daemonsets",
        "daemonsets/status",
        "deployments",
        "deployments/scale",
        "deployments/status",
        "replicasets",
        "replicasets/scale",
        "replicasets/status",
        "statefulsets",
        "statefulsets/scale",
        "statefulsets/status",
    ),
    "autoscaling": ("horizontalpodautoscalers", "horizontalpodautoscalers/status"),
    "batch": ("cronjobs", "cronjobs/status", "jobs", "jobs/status"),
    "coordination.k8s.io": ("leases",),
    "discovery.k8s.io": ("endpointslices",),
    "events.k8s.io": ("events",),
    "networking.k8s.io": ("ingresses", "ingresses/status", "networkpolicies"),
    "policy": ("poddisruptionbudgets", "poddisruptionbudgets/status"),
}

READABLE = frozenset((group, resource) for group, resources in _READ.items() for resource in resources)
"""API group and resource of what programs read about their own namespace: no credentials."""

WRITABLE = frozenset(
    {("", "configmaps"), ("", "events"), ("coordination.k8s.io", "leases"), ("events.k8s.io", "events")}
)
"""What programs write about themselves: their state, what they saw, who of them leads."""

GRANTABLE = frozenset(
    (*what, verb) for table, verbs in ((READABLE, READING), (WRITABLE, WRITING)) for what in table for verb in verbs
)
"""API group, resource and verb of every right that a machine may grant in one namespace."""

REVIEWS = frozenset(
    {
        ("authentication.k8s.io", "selfsubjectreviews"),
        ("authorization.k8s.io", "selfsubjectaccessreviews"),
        ("authorization.k8s.io", "selfsubjectrulesreviews"),
    }
)
"""Questions of an account about itself. Everybody may ask them."""
