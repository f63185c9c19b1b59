"""The admission plug-ins of the API server, in its order (`AllOrderedPlugins` of kube-apiserver)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from aiops.lab.kube.admission.apparmor import AppArmorProfiles
from aiops.lab.kube.admission.attributes import Attributes, Cluster
from aiops.lab.kube.admission.certificates import Certificates
from aiops.lab.kube.admission.claimresize import PersistentVolumeClaimResize
from aiops.lab.kube.admission.defaultclass import DefaultIngressClass, DefaultStorageClass
from aiops.lab.kube.admission.escalation import RoleEscalation
from aiops.lab.kube.admission.lifecycle import NamespaceLifecycle
from aiops.lab.kube.admission.limitranger import LimitRanger
from aiops.lab.kube.admission.nodetaint import TaintNodesByCondition
from aiops.lab.kube.admission.notevaluated import ExpressionPolicies
from aiops.lab.kube.admission.plugin import Plugin
from aiops.lab.kube.admission.podsecurity.plugin import PodSecurity
from aiops.lab.kube.admission.policies.policies import ValidatingAdmissionPolicies
from aiops.lab.kube.admission.priority import Priority
from aiops.lab.kube.admission.quota.plugin import ResourceQuota
from aiops.lab.kube.admission.runtimeclass import RuntimeClass
from aiops.lab.kube.admission.serviceaccount import ServiceAccount
from aiops.lab.kube.admission.storageprotection import StorageObjectInUseProtection
from aiops.lab.kube.admission.tolerations import DefaultTolerationSeconds
from aiops.lab.kube.admission.topologylabels import PodTopologyLabels
from aiops.lab.kube.admission.webhooks.plugin import (
    MutatingAdmissionWebhook,
    ValidatingAdmissionWebhook,
    Webhooks,
)
from aiops.lab.kube.errors import ApiError

_BEFORE_WEBHOOKS: tuple[type[Plugin], ...] = (
    NamespaceLifecycle,
    LimitRanger,
    ServiceAccount,
    TaintNodesByCondition,
    PodSecurity,
    Priority,
    DefaultTolerationSeconds,
    DefaultStorageClass,
    StorageObjectInUseProtection,
    RuntimeClass,
    Certificates,
    DefaultIngressClass,
    PodTopologyLabels,
    PersistentVolumeClaimResize,
    ExpressionPolicies,
    AppArmorProfiles,
)
CONFIGURATIONS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
_Kind = tuple[str, str, str]


class Admission:
    """Asks every plug-in that handles a request: first to change it, later to refuse it."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.webhooks = Webhooks(cluster)
        before = tuple(plugin(cluster) for plugin in _BEFORE_WEBHOOKS)
        asking = (
            MutatingAdmissionWebhook(cluster, self.webhooks),
            RoleEscalation(cluster),
            ValidatingAdmissionPolicies(cluster),
            ValidatingAdmissionWebhook(cluster, self.webhooks),
        )
        self._plugins: tuple[Plugin, ...] = (*before, *asking, ResourceQuota(cluster))
        self._admitting: dict[_Kind, tuple[Plugin, ...]] = {}
        self._validating: dict[_Kind, tuple[Plugin, ...]] = {}

    @property
    def waits(self) -> bool:
        """May a write have to wait for a webhook?"""
        return any(self._cluster.objects(kind) for kind in CONFIGURATIONS)

    def mutate(self, request: Attributes) -> None:
        """Let plug-ins complete the object. Raises ApiError where one refuses it."""
        key = (request.operation, request.resource.shelf, request.subresource)
        plugins = self._admitting.get(key)
        if plugins is None:
            plugins = self._admitting[key] = self._handling(request, "admit")
        with self._counted(request):
            for plugin in plugins:
                plugin.admit(request)
            if request.changed:
                # What a webhook changed, the others have not seen.
                request.again = True
                for plugin in plugins:
                    plugin.admit(request)

    def validate(self, request: Attributes) -> None:
        """Let plug-ins refuse the object, as it is going to be stored. Raises ApiError."""
        key = (request.operation, request.resource.shelf, request.subresource)
        plugins = self._validating.get(key)
        if plugins is None:
            plugins = self._validating[key] = self._handling(request, "validate")
        with self._counted(request):
            for plugin in plugins:
                plugin.validate(request)

    @contextmanager
    def _counted(self, request: Attributes) -> Iterator[None]:
        """Note who is refused."""
        try:
            yield
        except ApiError as error:
            self._cluster.requests.refused(
                request.operation, request.resource, request.subresource, error.status or 500
            )
            raise

    def _handling(self, request: Attributes, phase: str) -> tuple[Plugin, ...]:
        """The plug-ins that have something to do in a phase of such requests."""
        return tuple(
            plugin
            for plugin in self._plugins
            if getattr(type(plugin), phase) is not getattr(Plugin, phase)
            and plugin.handles(request.operation, request.resource, request.subresource)
        )
