"""Names that Kubernetes and kubectl give: labels, annotations, a namespace."""

from __future__ import annotations

REVISION = "deployment.kubernetes.io/revision"
"""On a Deployment and its ReplicaSets: the number of the rollout."""

POD_TEMPLATE_HASH = "pod-template-hash"
"""On the pods of a ReplicaSet: which one."""

RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
"""On a pod template: when `kubectl rollout restart` was run last."""

SYSTEM_NAMESPACE = "kube-system"
"""Where every cluster runs what all workloads lean on: its DNS, its network, its device plugins."""
