"""Why a pod fits nowhere, in the scheduler's words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from aiops.lab.control.scheduling.evaluation import Refusal

NOT_HELPFUL = "Preemption is not helpful for scheduling"
NO_NODES = "no nodes available to schedule pods"


@dataclass(slots=True)
class Diagnosis:
    """The answers of all nodes. `before` is what was against the pod before any node was asked; `after` what
    preemption says. `absent` is the reason of the nodes that were not asked."""

    total: int
    refusals: dict[str, Refusal] = field(default_factory=dict)
    before: str = ""
    after: str = ""
    absent: str = ""

    def message(self) -> str:
        """As `FitError.Error`: how many nodes say what, in the order of the texts."""
        if not self.total:
            return NO_NODES
        text = f"0/{self.total} nodes are available:"
        if self.before:
            text += f" {self.before}."
        elif reasons := histogram(self.refusals.values(), self.absent, self.total):
            text += f" {reasons}."
        return f"{text} {self.after}" if self.after else text

    def reasons(self) -> set[str]:
        """Every reason that some node gave."""
        found = {reason for refusal in self.refusals.values() for reason in refusal.reasons}
        return found | {text for text in (self.before, self.absent) if text}


def histogram(refusals: Iterable[Refusal], absent: str, total: int) -> str:
    """`1 node(s) were unschedulable, 2 Insufficient cpu`."""
    listed = list(refusals)
    counts = Counter(reason for refusal in listed for reason in refusal.reasons)
    if absent and len(listed) < total:
        counts[absent] += total - len(listed)
    return ", ".join(sorted(f"{count} {reason}" for reason, count in counts.items()))
