"""All exporters of the cluster, each of whose targets is scraped at moments of its own."""

from __future__ import annotations

from aiops.lab.exporters.control_plane.api_server import ApiServer
from aiops.lab.exporters.control_plane.controller_manager import ControllerManager
from aiops.lab.exporters.control_plane.etcd import Etcd
from aiops.lab.exporters.control_plane.heartbeats import Heartbeats
from aiops.lab.exporters.control_plane.scheduler import KubeScheduler
from aiops.lab.exporters.control_plane.stored import Stored
from aiops.lab.exporters.control_plane.view import ControlPlaneView
from aiops.lab.exporters.exposition.forms import FormJob
from aiops.lab.exporters.kube_state.exporter import KubeStateMetrics
from aiops.lab.exporters.machines.cadvisor import Cadvisor
from aiops.lab.exporters.machines.dcgm import Dcgm
from aiops.lab.exporters.machines.kubelet import Kubelet
from aiops.lab.exporters.machines.node_exporter import NodeExporter
from aiops.lab.exporters.programs.blackbox import Blackbox
from aiops.lab.exporters.programs.ingress import IngressNginx
from aiops.lab.exporters.programs.opentelemetry import OpenTelemetry
from aiops.lab.exporters.programs.stores import Stores
from aiops.lab.exporters.readings.figures import Figures
from aiops.lab.exporters.readings.hardware import Hardware, Sound
from aiops.lab.exporters.readings.news import WatchedCluster
from aiops.lab.exporters.scraping.discovery import Discovery
from aiops.lab.exporters.scraping.job import Job
from aiops.lab.exporters.scraping.phases import OFTEN, PHASES, SELDOM, Phase, scraped_at
from aiops.lab.exporters.scraping.reach import Reach
from aiops.lab.exporters.scraping.slots import Slot
from aiops.lab.traffic import Traffic
from aiops.lab.tsdb import TimeSeriesStore

_STREAM = 8
"""The first of the streams of random numbers; each phase has its own."""

_SOUND = Sound()


class Exporters:
    """Reads the data plane, the machines and the API objects, and appends what Prometheus would have scraped."""

    def __init__(
        self,
        traffic: Traffic,
        cluster: WatchedCluster,
        store: TimeSeriesStore,
        seed: int,
        hardware: Hardware = _SOUND,
        control: ControlPlaneView | None = None,
    ) -> None:
        self._control, self._hardware = control, hardware
        self._stored = Stored(cluster)
        self._figures = Figures(traffic, hardware)
        self._discovery = Discovery(cluster)
        self._traffic, self._cluster, self._store, self._seed = traffic, cluster, store, seed
        reach = Reach(traffic, hardware)
        self._slots: list[tuple[Phase, Slot]] = []
        for number in range(2 * PHASES):
            phase = Phase((OFTEN, SELDOM)[number // PHASES], number % PHASES, seed)
            jobs = self._quick(phase) if phase.interval == OFTEN else self._slow(phase)
            slot = Slot(phase.name, phase.offset, store, jobs, reach, seed, _STREAM + number)
            self._slots.append((phase, slot))

    def scrape(self, now: float) -> None:
        """Scrape the targets that are due. Call after every step, which ends at `now` (unix seconds)."""
        if not scraped_at(now):
            return
        due = [slot for phase, slot in self._slots if phase.due(now)]
        if due:
            self._figures.take(now)
        for slot in due:
            slot.scrape(now)

    def _quick(self, phase: Phase) -> list[Job]:
        traffic, store = self._traffic, self._store
        return [
            FormJob(self._figures, Cadvisor(traffic, store, phase.mine)),
            FormJob(self._figures, NodeExporter(traffic, store, phase.mine)),
            FormJob(self._figures, Dcgm(traffic, store, phase.mine)),
            OpenTelemetry(traffic, self._figures, self._discovery, store, phase.mine),
            IngressNginx(traffic, store, phase.mine),
            Blackbox(traffic, store, phase.mine, self._seed),
        ]

    def _slow(self, phase: Phase) -> list[Job]:
        traffic, store = self._traffic, self._store
        return [
            FormJob(self._figures, Kubelet(traffic, store, phase.mine)),
            FormJob(self._figures, Stores(traffic, self._discovery, store, phase.mine), self._discovery.look),
            KubeStateMetrics(self._cluster, store, phase.mine),
            ApiServer(traffic, self._stored, Heartbeats(traffic, self._hardware), store, phase.mine, self._control),
            *self._of_control_plane(phase),
        ]

    def _of_control_plane(self, phase: Phase) -> list[Job]:
        if self._control is None:
            return []
        store, heartbeats = self._store, Heartbeats(self._traffic, self._hardware)
        return [
            Etcd(self._cluster, self._stored, heartbeats, store, phase.mine),
            KubeScheduler(self._control, len(self._traffic.application.nodes), store, phase.mine),
            ControllerManager(self._control, store, phase.mine),
        ]
