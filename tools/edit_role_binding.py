"""Whom a RoleBinding names."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from aiops.analysis.policy.rbac import subjects_of
from aiops.core.action import Edit, PatchEdit, Risk
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.guarded import check_subjects
from aiops.tools.kit.registry import tool
from aiops.tools.kit.rights import rules
from aiops.tools.kit.workload import read_target

RBAC_GROUP = "rbac.authorization.k8s.io"


class BindingSubject(BaseModel):
    """One subject of a binding, named as in Kubernetes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["ServiceAccount", "User", "Group"]
    name: Annotated[str, Field(min_length=1)]
    namespace: str = ""
    apiGroup: str = ""  # noqa: N815 - Kubernetes' name


RIGHTS = (*rules(("get", "patch"), "RoleBinding"), *rules(("get",), "Role", "ServiceAccount"))
"""What a subject would get, and whether it exists, is looked up."""


@tool(effect="changes", risk=Risk.HIGH, needs=RIGHTS)
async def edit_role_binding(
    ctx: Context,
    binding: EntityArg,
    subjects: Annotated[list[BindingSubject], Field(max_length=100, description="everybody whom it shall name")],
) -> list[Edit]:
    """Replace the subjects of a RoleBinding. Only existing service accounts of its namespace may be added, and only
    to a Role without rights for people alone; the role stays. No pod restarts.

    The API server lets an account bind only roles whose rights it holds itself."""
    manifest = await read_target(ctx, binding, ("RoleBinding",), "binding")
    wanted = [_plain(subject) for subject in subjects]
    await check_subjects(ctx, manifest, subjects_of({**manifest, "subjects": wanted}))
    return [PatchEdit(target=binding, patch_type="merge", body={"subjects": wanted})]


def _plain(subject: BindingSubject) -> dict[str, Any]:
    group = subject.apiGroup or ("" if subject.kind == "ServiceAccount" else RBAC_GROUP)
    plain = {"kind": subject.kind, "name": subject.name, "namespace": subject.namespace, "apiGroup": group}
    return {key: value for key, value in plain.items() if value}
