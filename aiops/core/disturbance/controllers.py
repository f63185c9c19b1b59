"""What programs do that write to the Kubernetes API, or that it asks before it writes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from aiops.core.disturbance.scope import Occasional, Percent


class Reconciliation(Occasional):
    """A controller writes `fields` of an object (paths as in `core.fields`, and their values) again whenever they are
    otherwise, as `user` and under the field manager `manager`."""

    kind: Literal["controller.reconciliation"] = "controller.reconciliation"
    object_kind: str = Field(min_length=1)
    namespace: str = ""
    name: str = Field(min_length=1)
    fields: dict[str, str] = Field(min_length=1)
    user: str = Field(min_length=1)
    manager: str = Field(min_length=1)


class LimitsWebhook(Occasional):
    """An admission webhook at this address gives pods only a share of the limits that they ask for."""

    kind: Literal["webhook.limits"] = "webhook.limits"
    url: str = Field(pattern=r"^https://[\w.-]+(:\d+)?/\S*$")
    resource: Literal["cpu", "memory"]
    percent: Percent


ControllerDisturbance = Reconciliation | LimitsWebhook
