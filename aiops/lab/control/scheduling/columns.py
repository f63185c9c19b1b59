"""What nodes answered to one profile, as columns: in a large cluster hundreds of nodes are compared for each pod."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from aiops.lab.control.scheduling.evaluation import Evaluation
from aiops.lab.control.scheduling.spread import Constraint

Numbers = NDArray[np.int64]

SCORE, AVOID, LIKED, FIRST_COUNT = 0, 1, 2, 3


class Columns:
    """One row a node. The columns are score, avoid and liked, then for each soft constraint the node's own count and
    the number of its domain; -1 is the number of nodes without the label."""

    def __init__(self, soft: tuple[Constraint, ...], answers: Mapping[str, Evaluation]) -> None:
        self._soft = soft
        self._rows: dict[str, int] = {}
        self._table = np.zeros((max(len(answers), 1), FIRST_COUNT + 2 * len(soft)), np.int64)
        self.domains: list[dict[str, int]] = [{} for _ in soft]
        for name, answer in answers.items():
            self.put(name, answer)

    def put(self, name: str, answer: Evaluation) -> None:
        """Take over one node's answer. Rows of nodes that are gone stay, and nobody asks for them."""
        row = self._rows.setdefault(name, len(self._rows))
        if row == len(self._table):
            self._table = np.concatenate([self._table, np.zeros_like(self._table)])
        values = [answer.score, answer.avoid, answer.liked]
        for index, constraint in enumerate(self._soft):
            label, domains = answer.labels.get(constraint.key), self.domains[index]
            values.append(answer.soft[index] or 0)
            values.append(-1 if label is None else domains.setdefault(label, len(domains)))
        self._table[row] = values

    def of(self, names: list[str]) -> Numbers:
        """The rows of these nodes, in this order."""
        rows = self._rows
        found: Numbers = self._table[[rows[name] for name in names]]
        return found

    @staticmethod
    def count(table: Numbers, index: int) -> Numbers:
        """How many pods each node has that a soft constraint counts."""
        found: Numbers = table[:, FIRST_COUNT + 2 * index]
        return found

    @staticmethod
    def domain(table: Numbers, index: int) -> Numbers:
        """The number of each node's domain for a soft constraint."""
        found: Numbers = table[:, FIRST_COUNT + 2 * index + 1]
        return found
