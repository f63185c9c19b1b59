"""All nodes' answers to one profile, kept up with the nodes that change."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.lab.control.scheduling.cache import ClusterCache
from aiops.lab.control.scheduling.columns import Columns
from aiops.lab.control.scheduling.evaluation import Evaluation, Pair, Refusal, evaluate
from aiops.lab.control.scheduling.profile import Profile

UNSPREAD = "node(s) didn't match pod topology spread constraints"
NOT_NEAR = "node(s) didn't match pod affinity rules"
NOT_FAR = "node(s) didn't match pod anti-affinity rules"
REJECTED = "node(s) didn't satisfy existing pods anti-affinity rules"


class View:
    """Evaluations by node, and what they add up to by domain."""

    def __init__(self, profile: Profile, cache: ClusterCache) -> None:
        self.profile = profile
        self.evaluations: dict[str, Evaluation] = {}
        self._cache = cache
        self._epoch = -1
        self._position = 0
        self._columns: Columns | None = None
        self._clear()

    def _clear(self) -> None:
        self.evaluations.clear()
        self._columns = None
        self.hard: list[dict[str, list[int]]] = [{} for _ in self.profile.hard]
        self.soft: list[dict[str, list[int]]] = [{} for _ in self.profile.soft]
        self.near: dict[Pair, int] = {}
        self.far: dict[Pair, int] = {}
        self.rejecting: dict[Pair, int] = {}
        self.weights: dict[Pair, int] = {}

    @property
    def moment(self) -> tuple[int, int]:
        """Equal moments mean equal answers."""
        return self._epoch, self._position

    def update(self) -> None:
        """Ask the nodes that changed since the last time."""
        cache = self._cache
        if self._epoch != cache.epoch:
            self._clear()
            changed: Iterable[str] = list(cache.nodes)
            self._epoch = cache.epoch
        elif self._position == len(cache.changed):
            return
        else:
            changed = dict.fromkeys(cache.changed[self._position :])
        self._position = len(cache.changed)
        for name in changed:
            info = cache.nodes.get(name)
            self.replace(name, evaluate(self.profile, info) if info is not None and info.node is not None else None)

    def replace(self, name: str, new: Evaluation | None) -> None:
        """Set one node's answer. The domains follow."""
        old = self.evaluations.pop(name, None)
        if old is not None:
            self._count(old, -1)
        if new is not None:
            self.evaluations[name] = new
            self._count(new, 1)
            if self._columns is not None:
                self._columns.put(name, new)

    def _count(self, answer: Evaluation, sign: int) -> None:
        labels, profile = answer.labels, self.profile
        for domains, wanted, counts in (
            (self.hard, profile.hard, answer.hard),
            (self.soft, profile.soft, answer.soft),
        ):
            for index, count in enumerate(counts):
                key = wanted[index].key
                if count is not None and key in labels:
                    entry = domains[index].setdefault(labels[key], [0, 0])
                    entry[0] += sign * count
                    entry[1] += sign
                    if not entry[1]:
                        del domains[index][labels[key]]
        if answer.near:
            for term in profile.info.terms.near:
                _add(self.near, labels, term.topology_key, sign * answer.near)
        for term, count in zip(profile.info.terms.far, answer.far, strict=False):
            _add(self.far, labels, term.topology_key, sign * count)
        for pair in answer.rejecting:
            _add_pair(self.rejecting, pair, sign)
        for pair, weight in answer.weights:
            _add_pair(self.weights, pair, sign * weight)

    @property
    def columns(self) -> Columns:
        """The evaluations as columns, which are kept up from the first use on."""
        if self._columns is None:
            self._columns = Columns(self.profile.soft, self.evaluations)
        return self._columns

    @property
    def alone(self) -> bool:
        """Does each node's own answer say all about it?"""
        terms = self.profile.info.terms
        return not (self.profile.hard or terms.near or terms.far or self.rejecting)

    def across(self, answer: Evaluation) -> Refusal | None:
        """What the rules that look at several nodes say against this one."""
        for index, constraint in enumerate(self.profile.hard):
            value = answer.labels.get(constraint.key)
            if value is None:
                return Refusal((f"{UNSPREAD} (missing required label)",))
            domains = self.hard[index]
            least = min((entry[0] for entry in domains.values()), default=2**31)
            if len(domains) < constraint.minimum:
                least = 0
            count = domains[value][0] if value in domains else 0
            if count + constraint.matches_self - least > constraint.max_skew:
                return Refusal((UNSPREAD,), final=False)
        return self._apart(answer)

    def _apart(self, answer: Evaluation) -> Refusal | None:
        terms, labels = self.profile.info.terms, answer.labels
        if terms.near and not self._is_near(answer):
            return Refusal((NOT_NEAR,))
        if any(self.far.get((term.topology_key, labels.get(term.topology_key, ""))) for term in terms.far):
            return Refusal((NOT_FAR,), final=False)
        if self.rejecting and any(self.rejecting.get(pair) for pair in labels.items()):
            return Refusal((REJECTED,), final=False)
        return None

    def _is_near(self, answer: Evaluation) -> bool:
        profile, labels = self.profile, answer.labels
        terms = profile.info.terms.near
        if any(term.topology_key not in labels for term in terms):
            return False
        if all(self.near.get((term.topology_key, labels[term.topology_key])) for term in terms):
            return True
        # The first of pods that want to be near each other has to start somewhere.
        return not self.near and all(term.matches(profile.namespace, profile.labels) for term in terms)


def _add(counts: dict[Pair, int], labels: dict[str, str], key: str, number: int) -> None:
    if key in labels:
        _add_pair(counts, (key, labels[key]), number)


def _add_pair(counts: dict[Pair, int], pair: Pair, number: int) -> None:
    counts[pair] = counts.get(pair, 0) + number
    if not counts[pair]:
        del counts[pair]
