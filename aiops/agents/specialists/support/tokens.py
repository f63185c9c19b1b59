"""What keeps a pod from the token of its service account."""

from __future__ import annotations

import re

from aiops.agents.scoping.cluster_objects import read_kind
from aiops.agents.toolbox import Toolbox
from aiops.analysis.state.cluster import pod_template, service_account
from aiops.core.entity import Entity
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism

_NO_TOKEN = re.compile(
    r"secrets/kubernetes\.io/serviceaccount\S*[^\n]{0,80}(no such file|not found|does not exist|ENOENT)"
    r"|(no such file|not found|ENOENT)[^\n]{0,80}secrets/kubernetes\.io/serviceaccount"
    r"|service token file does not exist|unable to load in-cluster configuration",
    re.IGNORECASE,
)
"""Wordings of the operating system and of Kubernetes' client libraries."""

AUTOMOUNT = "automountServiceAccountToken"
STRENGTH = 0.9


def misses_token(line: str) -> bool:
    """Does a log line tell that the account's token is not there?"""
    return _NO_TOKEN.search(line, 0, 4096) is not None


async def token_setting(workload: Entity, tools: Toolbox) -> tuple[Hypothesis, ...]:
    """The setting that keeps the token out of a workload's pods: its own, which counts first, or its account's."""
    found = await read_kind(tools, workload.kind, workload.namespace)
    manifest = next((item for item in found if item["metadata"]["name"] == workload.name), None)
    if manifest is None:
        return ()
    mounted = pod_template(manifest).get("spec", {}).get(AUTOMOUNT)
    if mounted is False:
        return _blame(workload, f"spec.template.spec.{AUTOMOUNT}")
    name = service_account(manifest)
    accounts = await read_kind(tools, "ServiceAccount", workload.namespace)
    account = next((item for item in accounts if item["metadata"]["name"] == name), None)
    if mounted is None and account is not None and account.get(AUTOMOUNT) is False:
        return _blame(Entity.of(account), AUTOMOUNT)
    return ()


def _blame(subject: Entity, field: str) -> tuple[Hypothesis, ...]:
    wanted = Hypothesis(
        subject=subject, mechanism=Mechanism.AUTH_CREDENTIAL, strength=STRENGTH, field=field, wanted=True
    )
    return (wanted,)
