"""Whom a RoleBinding names."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from aiops.core.action import Edit, PatchEdit, Risk
from aiops.core.errors import NotPossibleError
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
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


@tool(effect="changes", risk=Risk.HIGH, needs=rules(("get", "patch"), "RoleBinding"))
async def edit_role_binding(
    ctx: Context,
    binding: EntityArg,
    subjects: Annotated[list[BindingSubject], Field(max_length=100, description="everybody whom it shall name")],
) -> list[Edit]:
    """Replace the subjects of a RoleBinding. Only service accounts may be added; the role stays. No pod restarts.

    The API server lets an account bind only roles whose rights it holds itself."""
    manifest = await read_target(ctx, binding, ("RoleBinding",), "binding")
    now = [_key(BindingSubject.model_validate(item)) for item in manifest.get("subjects") or []]
    for subject in subjects:
        if subject.kind != "ServiceAccount" and _key(subject) not in now:
            raise NotPossibleError(f"{binding}: no {subject.kind} is bound here; a person who may has to do it")
    return [PatchEdit(target=binding, patch_type="merge", body={"subjects": list(map(_plain, subjects))})]


def _key(subject: BindingSubject) -> tuple[str, str, str]:
    return subject.kind, subject.namespace, subject.name


def _plain(subject: BindingSubject) -> dict[str, Any]:
    group = subject.apiGroup or ("" if subject.kind == "ServiceAccount" else RBAC_GROUP)
    plain = {"kind": subject.kind, "name": subject.name, "namespace": subject.namespace, "apiGroup": group}
    return {key: value for key, value in plain.items() if value}
