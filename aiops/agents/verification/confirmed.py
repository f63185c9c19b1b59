"""A cause that its cure has confirmed comes first, whatever was thought likelier before the cure was tried."""

from __future__ import annotations

from aiops.core.diagnosis import Diagnosis, RootCause

CONFIRMED = 0.9
"""Confidence in a cause whose cure helped, at least: a change may cure more than what it was made for."""


def confirmed(diagnosis: Diagnosis, cause: RootCause, remaining: tuple[RootCause, ...] = ()) -> Diagnosis:
    """The diagnosis with this cause first, and behind it `remaining`, or its own other causes."""
    sure = cause.model_copy(update={"confidence": max(cause.confidence, CONFIRMED)})
    others = [c for c in remaining or diagnosis.root_causes if not _same(c, cause)]
    behind = [c.model_copy(update={"confidence": min(c.confidence, sure.confidence)}) for c in others]
    left = f" What is left may be this: {behind[0].summary}" if remaining and behind else ""
    return diagnosis.model_copy(
        update={
            "fault": True,
            "abstained": False,
            "root_causes": (sure, *behind),
            "ruled_out": tuple(
                one for one in diagnosis.ruled_out if (one.subject, one.mechanism) != (cause.subject, cause.mechanism)
            ),
            "summary": f"{cause.summary} Confidence {sure.confidence:.0%}: its cure helped.{left}",
        }
    )


def _same(one: RootCause, other: RootCause) -> bool:
    return (one.subject, one.mechanism, one.field) == (other.subject, other.mechanism, other.field)
