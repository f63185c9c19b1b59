"""The fault kinds of AIOpsLab and what stands for each here.

Source: Chen et al., "AIOpsLab: A Holistic Framework to Evaluate AI Agents for Enabling Autonomous Clouds" (MLSys 2025),
and the registry of problems in its repository, microsoft/AIOpsLab. Kinds that it has switched off are left out.
"""

from __future__ import annotations

from typing import Literal

from aiops.core.mechanism import Mechanism
from aiops.core.model import Value

Task = Literal["detection", "localization", "analysis", "mitigation"]

TWO: tuple[Task, ...] = ("detection", "localization")
ALL: tuple[Task, ...] = (*TWO, "analysis", "mitigation")


class Kind(Value):
    """`fault` is the one of ours that stands for it; without one, any of `mechanisms`, the nearest first; neither where
    the lab has nothing like it. `level` and `type` are what its analysis task asks for, where it has one."""

    name: str
    fault: str | None = None
    mechanisms: tuple[Mechanism, ...] = ()
    tasks: tuple[Task, ...] = TWO
    level: str | None = None
    type: str | None = None


KINDS = (
    Kind(
        name="k8s_target_port-misconfig",
        fault="wrong_target_port",
        mechanisms=(Mechanism.CONFIG_TARGET_PORT,),
        tasks=ALL,
        level="Virtualization",
        type="Misconfiguration",
    ),
    Kind(
        name="auth_miss_mongodb",
        mechanisms=(Mechanism.TLS_REQUIRED, Mechanism.AUTH_CREDENTIAL),
        tasks=ALL,
        level="Application",
        type="Authentication Issue",
    ),
    Kind(
        name="revoke_auth_mongodb",
        mechanisms=(Mechanism.AUTH_ROLE_REVOKED,),
        tasks=ALL,
        level="Application",
        type="Operation Error",
    ),
    Kind(
        name="user_unregistered_mongodb",
        mechanisms=(Mechanism.AUTH_USER_MISSING,),
        tasks=ALL,
        level="Application",
        type="Operation Error",
    ),
    Kind(
        name="misconfig_app_hotel_res",
        mechanisms=(Mechanism.APP_VERSION, Mechanism.CONFIG_ENV_VALUE),
        tasks=ALL,
        level="Application",
        type="Misconfiguration",
    ),
    Kind(
        name="scale_pod_zero_social_net",
        mechanisms=(Mechanism.SCALING_REPLICAS,),
        tasks=ALL,
        level="Virtualization",
        type="Operation Error",
    ),
    Kind(
        name="assign_to_non_existent_node_social_net",
        mechanisms=(Mechanism.SCHEDULING_NODE_SELECTOR,),
        tasks=ALL,
        level="Virtualization",
        type="Misconfiguration",
    ),
    Kind(name="container_kill"),
    Kind(name="pod_failure_hotel_res", mechanisms=(Mechanism.IMAGE_WRONG,)),
    Kind(name="pod_kill_hotel_res"),
    Kind(
        name="network_loss_hotel_res",
        mechanisms=(Mechanism.NETWORK_LOSS,),
        tasks=ALL,
        level="Application",
        type="Network/Storage Issue",
    ),
    Kind(name="network_delay_hotel_res", mechanisms=(Mechanism.NETWORK_LATENCY,)),
    Kind(name="noop", tasks=("detection",)),
    Kind(name="astronomy_shop_ad_service_failure", mechanisms=(Mechanism.APP_FEATURE_FLAG, Mechanism.APP_VERSION)),
    Kind(
        name="astronomy_shop_ad_service_high_cpu", mechanisms=(Mechanism.APP_COSTLY_PATTERN, Mechanism.RESOURCE_CPU_HOG)
    ),
    Kind(name="astronomy_shop_ad_service_manual_gc", mechanisms=(Mechanism.APP_GARBAGE_COLLECTION,)),
    Kind(name="astronomy_shop_cart_service_failure", mechanisms=(Mechanism.APP_FEATURE_FLAG, Mechanism.APP_VERSION)),
    Kind(name="astronomy_shop_image_slow_load", mechanisms=(Mechanism.NETWORK_PROXY, Mechanism.NETWORK_LATENCY)),
    Kind(name="astronomy_shop_kafka_queue_problems", mechanisms=(Mechanism.QUEUE_CONSUMER_LAG,)),
    Kind(name="astronomy_shop_loadgenerator_flood_homepage", mechanisms=(Mechanism.LOAD_INCREASE,)),
    Kind(name="astronomy_shop_payment_service_failure", mechanisms=(Mechanism.APP_FEATURE_FLAG, Mechanism.APP_VERSION)),
    Kind(
        name="astronomy_shop_payment_service_unreachable",
        mechanisms=(Mechanism.CONFIG_ENV_VALUE, Mechanism.DNS_WRONG_ANSWER),
    ),
    Kind(
        name="astronomy_shop_product_catalog_service_failure",
        mechanisms=(Mechanism.APP_FEATURE_FLAG, Mechanism.APP_VERSION),
    ),
    Kind(
        name="astronomy_shop_recommendation_service_cache_failure",
        mechanisms=(Mechanism.APP_CACHE, Mechanism.APP_MEMORY_LEAK),
    ),
    Kind(
        name="redeploy_without_PV",
        fault="claim_without_volume",
        mechanisms=(Mechanism.STORAGE_CLAIM,),
        tasks=("detection", "analysis", "mitigation"),
        level="Virtualization",
        type="Operation Error",
    ),
    Kind(
        name="wrong_bin_usage",
        fault="wrong_command",
        mechanisms=(Mechanism.CONFIG_COMMAND,),
        tasks=ALL,
        level="Virtualization",
        type="Operation Error",
    ),
    Kind(name="flower_node_stop", mechanisms=(Mechanism.NODE_DOWN,)),
    Kind(name="flower_model_misconfig", mechanisms=(Mechanism.CONFIG_FILE, Mechanism.CONFIG_ENV_VALUE)),
)

HEALTHY = "noop"

_FALLBACK = {
    "app": ("Application", "Code Defect"),
    "data": ("Application", "Dependency Problem"),
    "queue": ("Application", "Dependency Problem"),
    "auth": ("Application", "Authentication Issue"),
    "tls": ("Application", "Authentication Issue"),
    "network": ("Application", "Network/Storage Issue"),
    "dns": ("Application", "Network/Storage Issue"),
    "load": ("Application", "Operation Error"),
    "storage": ("Virtualization", "Network/Storage Issue"),
    "scaling": ("Virtualization", "Operation Error"),
    "node": ("Hardware", "Operation Error"),
    "accelerator": ("Hardware", "Operation Error"),
}


def analysis_of(mechanism: str) -> tuple[str, str]:
    """The system level and the type of fault that AIOpsLab's analysis task asks for, of one of our mechanisms."""
    for kind in KINDS:
        if kind.level and kind.type and kind.mechanisms[0].value == mechanism:
            return kind.level, kind.type
    return _FALLBACK.get(mechanism.partition(".")[0], ("Virtualization", "Misconfiguration"))
