"""The suite that is quickly played: a few well-known kinds on one application."""

from __future__ import annotations

from aiops.bench.decoys.registry import DECOYS
from aiops.bench.scenario import Scenario, drawn
from aiops.bench.suites.registry import suite

APPLICATION = "hotel"

FAULTS = (
    "bad_image_tag",
    "expired_certificate",
    "failing_readiness_probe",
    "low_cpu_limit",
    "low_memory_limit",
    "missing_config_key",
    "network_policy_blocks_edge",
    "node_selector",
    "rbac_denied",
    "scaled_to_zero",
    "wrong_env_address",
    "wrong_selector",
    "wrong_target_port",
)
HEALTHY = ("harmless_deploy", "odd_but_healthy", "passing_alert", "telemetry_lost")


@suite
def smoke(seed: int, application: str | None) -> list[Scenario]:
    """Thirteen well-known faults and four cases without one on one application; every other fault with decoys."""
    place = application or APPLICATION
    faults = [
        drawn("fault", name, place, seed, DECOYS.names(), with_decoys=(number + seed) % 2 == 0)
        for number, name in enumerate(FAULTS)
    ]
    return faults + [drawn("none", name, place, seed, [], with_decoys=False) for name in HEALTHY]
