"""A program that fits its store's schema again: the version for which a migration just changed it."""

from __future__ import annotations

import re

from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.analysis.behaviour.neighbourhood import BEFORE
from aiops.analysis.state.cluster import containers
from aiops.core.action import Proposal
from aiops.core.entity import WORKLOAD_KINDS, Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.moments import created_at
from aiops.tools.set_image import set_image

_VERSION = re.compile(r"(?:@[^/]*|:[^/:@]*(?:@[^/]*)?)$")
"""The tag and the digest at the end of an image reference."""


@remedy(Mechanism.DATA_SCHEMA)
async def schema(case: RemedyCase) -> list[Proposal]:
    """Go forward to the version of the job that changed the schema: a migration is not undone, it may have taken data
    away."""
    program = case.cause.subject
    manifest = case.state.find(program.kind, program.namespace, program.name) if isinstance(program, Entity) else None
    if not isinstance(program, Entity) or program.kind not in WORKLOAD_KINDS or manifest is None:
        return []
    found: list[Proposal] = []
    for job in reversed(_migrations(case, program.namespace)):
        for name, image in _newer(manifest, job):
            reason = f"{Entity.of(job)} changed the schema for {image}, and {program} runs another version."
            effect = f"{program} and the schema of its store fit."
            arguments = {"workload": program, "container": name, "image": image}
            found.append(case.propose(set_image, program, reason, effect, **arguments))
    return found


def _migrations(case: RemedyCase, namespace: str) -> list[Manifest]:
    """The jobs that came just before the trouble, oldest first."""
    jobs = [(made, job) for job in case.state.of("Job", namespace) if (made := created_at(job)) is not None]
    late = [(made, job) for made, job in jobs if made >= case.onset - BEFORE]
    return [job for _, job in sorted(late, key=lambda pair: (pair[0], pair[1]["metadata"]["name"]))]


def _newer(program: Manifest, job: Manifest) -> list[tuple[str, str]]:
    """(container, image) of the program's containers that run another version of an image of the job."""
    images = {_VERSION.sub("", image): image for c in containers(job) if (image := c.get("image"))}
    running = [(c["name"], str(c.get("image", ""))) for c in containers(program)]
    pairs = [(name, now, images.get(_VERSION.sub("", now))) for name, now in running]
    return [(name, image) for name, now, image in pairs if image is not None and image != now]
