"""The closed vocabulary of what can be wrong. Faults and diagnosis share this list and nothing else."""

from __future__ import annotations

from enum import StrEnum


class Mechanism(StrEnum):
    """`family.name`; the comment beside each says what is broken, not how it looks."""

    CONFIG_TARGET_PORT = "config.target_port"  # a Service sends to a port on which no process listens
    CONFIG_SELECTOR = "config.selector"  # a Service selects no pods, or the wrong ones
    CONFIG_MISSING_KEY = "config.missing_key"  # a ConfigMap or Secret lacks a key that a container needs
    CONFIG_ENV_VALUE = "config.env_value"  # an environment variable holds a wrong value
    CONFIG_PROBE = "config.probe"  # a probe asks the wrong thing of a healthy process
    IMAGE_UNAVAILABLE = "image.unavailable"  # the image reference cannot be pulled
    APP_VERSION = "app.version"  # the version that runs is itself faulty
    RESOURCE_MEMORY_LIMIT = "resource.memory_limit"  # the memory limit is below what the process needs
    RESOURCE_CPU_LIMIT = "resource.cpu_limit"  # the CPU limit throttles the process
    SCALING_REPLICAS = "scaling.replicas"  # too few replicas are asked for
    SCHEDULING_NODE_SELECTOR = "scheduling.node_selector"  # no node fits the pod's node selector
    NETWORK_POLICY = "network.policy"  # a NetworkPolicy forbids an edge that is needed
    NETWORK_LATENCY = "network.latency"  # packets of an edge are slow
    AUTH_RBAC_DENIED = "auth.rbac_denied"  # a service account lacks a right that it needs
    TLS_CERTIFICATE_EXPIRED = "tls.certificate_expired"  # a serving certificate is past its end
    LOAD_INCREASE = "load.increase"  # more requests than the service can carry

    @property
    def family(self) -> str:
        return self.value.partition(".")[0]
