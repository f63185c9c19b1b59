"""The world: one cluster, its traffic and its telemetry, moved in ticks. No network, no real time."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import numpy as np

from aiops.core.entity import Manifest
from aiops.core.errors import InvalidInputError
from aiops.lab.apps import Application, load_application
from aiops.lab.control import ControlPlane, MetricsServer
from aiops.lab.disturbances import Audience, DisturbanceBook, DisturbanceDriver, Disturbed
from aiops.lab.disturbances.hardware import DisturbedHardware
from aiops.lab.exporters import Exporters
from aiops.lab.exporters.control_plane.view import ControlPlaneView
from aiops.lab.kube import ObjectStore, bootstrap
from aiops.lab.ports import SCRAPE_INTERVAL, TICK
from aiops.lab.prometheus import Notification, Notifier, RuleEngine, load_rules
from aiops.lab.service_level import ServiceLevel, ServiceLevelRecord
from aiops.lab.traffic import Traffic
from aiops.lab.tsdb import TimeSeriesStore

START = 1_767_603_600.0
"""When a world begins unless it is told otherwise: Monday, 5 January 2026, 09:00 UTC."""

LARGEST_SEED = 2**63 - 1

SETTLING = 180.0
"""Simulated seconds that `World.settle` takes: pods start within the first minute, caches fill in the rest."""

_OPENED_AFTER = 30.0
"""Seconds for which all workloads are ready before users come."""

_OPENED_AT_LATEST = 120.0
"""Seconds after which they come anyway."""

ALERTMANAGER = "aiops"


class World:
    """One cluster from a seed. Everything in it happens at ticks; between two ticks only its API writes.

    Equal seeds and equal writes at equal moments give equal objects and telemetry, on any machine of one kind.
    While it is not `monitored`, no metric is scraped and no alert rule evaluated. Nothing that happens follows from
    them, and they are more than a third of the work.
    """

    def __init__(
        self,
        application: str | Application,
        *,
        seed: int,
        start: float = START,
        rename_seed: int | None = None,
    ) -> None:
        """Raises `InvalidInputError` where the seed is negative or has more than 63 bits."""
        if not 0 <= seed <= LARGEST_SEED:
            raise InvalidInputError(f"seed: must be from 0 to {LARGEST_SEED}, not {seed}")
        self.now = start
        self._next_tick = start + TICK
        self._next_evaluation = start + SCRAPE_INTERVAL
        app = load_application(application, rename_seed, seed=seed) if isinstance(application, str) else application
        self.namespace = app.namespace
        self.namespaces = app.namespaces
        self.objective = app.objective
        self._began = start
        self._levels = ServiceLevelRecord(start)
        self.cluster = ObjectStore(now=self.clock, rng=Random(f"{seed}:objects"))
        bootstrap(self.cluster)
        for manifest in app.manifests(now=start, seed=seed):
            self._install(manifest)
        book = DisturbanceBook(self.clock)
        felt = Disturbed(book, self.cluster, app.rate)
        self._traffic = Traffic(app, self.cluster, seed=seed, now=self.clock, interference=felt)
        self._control_plane = ControlPlane(self.cluster, self._traffic.runtime, Random(f"{seed}:control"), self.clock)
        audience = Audience(book, felt, self.cluster, self._traffic.runtime, app)
        self.disturbances = DisturbanceDriver(
            book, audience, self.cluster, self._traffic.runtime, self._control_plane.machines
        )
        MetricsServer(self.cluster, self._traffic.runtime).install()
        self.series = TimeSeriesStore()
        hardware = DisturbedHardware(book, self.cluster, self._control_plane.machines)
        view = ControlPlaneView(self.cluster, self._control_plane.scheduler, self._control_plane.queues)
        self._exporters = Exporters(self._traffic, self.cluster, self.series, seed, hardware, view)
        self.rules = RuleEngine(load_rules(app.alert_rules, app.name), self.series, SCRAPE_INTERVAL)
        self._notifier = Notifier(self.rules, receiver=ALERTMANAGER)
        self.monitored = True
        self.traces = self._traffic.traces
        self.runtime = self._traffic.runtime
        self.logs = self.runtime.logs
        self.container_logs = self.runtime.container_logs

    def clock(self) -> float:
        """The present moment, in unix seconds."""
        return self.now

    def ticks(self, seconds: float) -> Iterator[None]:
        """Move the time on by `seconds`, yielding after each tick that falls into them."""
        end = self.now + seconds
        while self._next_tick <= end:
            self.now = self._next_tick
            self._next_tick += TICK
            self._tick()
            yield
        self.now = end

    def settle(self) -> None:
        """Live the first minutes of a cluster, so that what is recorded begins in good health.

        Pods start before any user comes, then caches fill. Nothing is scraped and no alert rule is evaluated meanwhile.
        """
        opening = self.now + _OPENED_AT_LATEST
        end, ready = self.now + SETTLING, False
        while self.now < end:
            self.now += TICK
            self._traffic.visitors.invited = self.now > opening
            self._live()
            if not ready and self._all_ready():
                ready, opening = True, min(opening, self.now + _OPENED_AFTER)
        self._next_tick = self.now + TICK
        self._next_evaluation = self.now + SCRAPE_INTERVAL

    def react(self) -> None:
        """Let the controllers act on what was written since the last tick, as they do within milliseconds where the
        time runs by itself. Elsewhere ticks are enough, and what happens depends on them alone."""
        self._control_plane.react()

    def service_level(self, start: float, end: float) -> ServiceLevel:
        """What users got in the ticks that ended after `start` and not after `end` (unix seconds)."""
        return self._levels.between(start, end)

    def waiting_messages(self) -> dict[str, float]:
        """Seconds by which messages that wait are late, by `topic of namespace/broker`: in which as many come."""
        brokers, elapsed = self._traffic.engine.brokers, max(self.now - self._began, TICK)
        rates = brokers.published / elapsed
        late = np.divide(brokers.depth, rates, out=np.zeros(len(rates)), where=rates > 0)
        names = [f"{topic} of {namespace}/{broker}" for namespace, broker, topic in brokers.keys]
        return dict(zip(names, late.tolist(), strict=True))

    def alerts_due(self) -> list[Notification]:
        """Notifications that Alertmanager would send now. Each stays due until it is said to be delivered."""
        return self._notifier.due(self.now)

    def alert_delivered(self, notification: Notification) -> None:
        self._notifier.delivered(notification, self.now)

    def grant_cluster_admin(self, group: str) -> None:
        """Let a group of people do everything, as the engineers of a cluster may."""
        api = "rbac.authorization.k8s.io"
        binding = {
            "apiVersion": f"{api}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": f"{group}-admin"},
            "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"apiGroup": api, "kind": "Group", "name": group}],
        }
        self.cluster.create(binding, manager="helm")

    def _install(self, manifest: Manifest) -> None:
        """Create an object; a namespace that every cluster has is there already."""
        metadata = manifest["metadata"]
        if self.cluster.find(manifest["kind"], metadata.get("namespace", ""), metadata["name"]) is None:
            self.cluster.create(manifest, manager="helm")

    def _all_ready(self) -> bool:
        """Whether every workload that serves has the ready pods that it asks for."""
        workloads = [each for kind in ("Deployment", "StatefulSet") for each in self.cluster.objects(kind)]
        return all(each.get("status", {}).get("readyReplicas", 0) >= each["spec"]["replicas"] for each in workloads)

    def _live(self) -> None:
        self._control_plane.step()
        self.disturbances.step()
        self._traffic.step(self.now, TICK)
        users = self._traffic.users
        self._levels.add(self.now, users.requests, users.failed, users.slow, users.wrong)

    def _tick(self) -> None:
        self._live()
        if not self.monitored:
            return
        self._exporters.scrape(self.now)
        if self.now >= self._next_evaluation:
            self._next_evaluation += SCRAPE_INTERVAL
            self.rules.evaluate(self.now)
