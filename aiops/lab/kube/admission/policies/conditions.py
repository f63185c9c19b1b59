"""What expressions know of a request, and whether a request meets all of some conditions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aiops.lab.kube.admission.attributes import Attributes, Cluster
from aiops.lab.kube.admission.webhooks.review import asked
from aiops.lab.kube.expressions.program import ExpressionError, UnknownNameError, evaluate

Condition = Mapping[str, Any]


def variables_of(cluster: Cluster, request: Attributes) -> dict[str, Any]:
    """`object`, `oldObject`, `request` and `namespaceObject`; there is no `authorizer`."""
    review = asked(request)["request"]
    namespace = cluster.find("Namespace", "", request.namespace) if request.namespace else None
    return {
        "object": review["object"],
        "oldObject": review["oldObject"],
        "request": {name: value for name, value in review.items() if name not in ("object", "oldObject")},
        "namespaceObject": namespace,
    }


def all_met(conditions: Iterable[Condition], variables: Mapping[str, Any]) -> bool:
    """Are all conditions true? One that is false decides, whatever is wrong with another.

    Raises ExpressionError; UnknownNameError where the lab lacks what a condition calls."""
    wrong: ExpressionError | None = None
    for condition in conditions:
        try:
            if evaluate(str(condition["expression"]), variables) is not True:
                return False
        except ExpressionError as error:
            if not isinstance(wrong, UnknownNameError):
                wrong = error
    if wrong is not None:
        raise wrong
    return True
