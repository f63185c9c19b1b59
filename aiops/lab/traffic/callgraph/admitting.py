"""Whether a server takes a client that has come through to it."""

from __future__ import annotations

from enum import StrEnum

from aiops.lab.traffic.processes.process import Process

_CLOCK_TOLERANCE = 900.0
"""Seconds by which clocks may differ before a signed request is refused (S3's RequestTimeTooSkewed)."""


class Refusal(StrEnum):
    """Why a client is not taken."""

    PLAINTEXT = "plaintext"
    USER = "user"
    CLOCK = "clock"
    CREDENTIALS = "credentials"


def refusal(client: Process, server: Process) -> Refusal | None:
    """What a server has against a client: that it does not speak TLS, its user, its clock or its password."""
    env = client.container.env
    if server.plight.refuses_plaintext_of(env):
        return Refusal.PLAINTEXT
    if any(not user or user in env.values() for user in server.plight.refused):
        return Refusal.USER
    skew = abs(client.plight.clock_offset - server.plight.clock_offset)
    if server.program.protocol == "s3" and skew > _CLOCK_TOLERANCE:
        return Refusal.CLOCK
    variable = server.program.password_variable
    if variable and server.container.env.get(variable) not in env.values():
        return Refusal.CREDENTIALS
    return None
