"""What the steps of an incident work with, connected once at the start."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from aiops.clients.clock import RemoteClock
from aiops.clients.jaeger import JaegerClient
from aiops.clients.kubeconfig import load_access
from aiops.clients.kubernetes import KubernetesClient
from aiops.clients.loki import LokiClient
from aiops.clients.models.connect import connect_model
from aiops.clients.models.protocol import Model
from aiops.clients.notifiers.message import Occasion
from aiops.clients.prometheus import PrometheusClient
from aiops.core.clock import Clock, SystemClock
from aiops.core.settings import Settings
from aiops.knowledge.library import Library
from aiops.supervisor.database import Database, check_file
from aiops.supervisor.grouping import Neighbours
from aiops.supervisor.journal import SqliteJournal, Writers
from aiops.supervisor.notifications import Notifications, channels_of
from aiops.supervisor.outbox import Outbox
from aiops.supervisor.rounds import Rounds
from aiops.supervisor.store import Store
from aiops.tools.kit.context import Context
from aiops.watch.history import CHANGES_FILE
from aiops.watch.recorder import ChangeRecorder

GRAPH_FILE = "graph.db"
"""The checkpoints of incidents, written by LangGraph."""

Closer = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Services:
    """One set for the whole process."""

    settings: Settings
    clock: Clock
    store: Store
    database: Database
    writers: Writers
    recorder: ChangeRecorder
    context: Context
    rounds: Rounds
    library: Library
    notifications: Notifications
    closers: tuple[Closer, ...]
    model: Model | None = None
    neighbours: Neighbours = field(default_factory=Neighbours)

    def journal(self, incident: str) -> SqliteJournal:
        """The journal for the changes of one incident."""
        return SqliteJournal(self.database, incident, self.clock.now)

    async def start(self) -> None:
        """Learn the time and begin to record changes. A cluster that does not answer yet is waited for later."""
        await self.clock.sync()
        await self.recorder.start()
        await self.notifications.start()

    async def stop(self) -> None:
        await self.notifications.stop()
        await self.recorder.stop()
        for close in self.closers:
            await close()
        self.database.close()


def connect(settings: Settings) -> Services:
    """Make the clients that the settings name. Nothing is sent yet. Raises `ConfigurationError`."""
    model = connect_model(settings)
    context, closers = connect_clients(settings)
    return assemble(settings, context, (*closers, model.close) if model else closers, model)


def connect_clients(settings: Settings) -> tuple[Context, tuple[Closer, ...]]:
    """The clients alone, without a history of changes, and what closes them. Raises `ConfigurationError`."""
    closers: list[Closer] = []
    clock = _clock(settings, closers)
    kube = KubernetesClient.connect(load_access(settings.kubeconfig, settings.context))
    closers.append(kube.close)
    context = Context(
        kube=kube,
        clock=clock,
        metrics=_metrics(settings, closers),
        traces=_traces(settings, closers),
        logs=_logs(settings, closers),
        namespaces=settings.namespaces,
        cluster_changes=settings.cluster_changes,
        read_only=settings.read_only,
    )
    return context, tuple(closers)


async def check_clock(settings: Settings) -> None:
    """Nothing can be done without the time. Raises `TransportError` where its owner does not answer."""
    closers: list[Closer] = []
    await _clock(settings, closers).sync()
    for close in closers:
        await close()


def assemble(
    settings: Settings, context: Context, closers: tuple[Closer, ...] = (), model: Model | None = None
) -> Services:
    """Services on clients that exist already. Raises `ConfigurationError`."""
    library = Library.open(settings.state_dir, settings.runbooks_dir)
    channels = channels_of(settings)
    database = Database(settings.state_dir / "aiops.db")
    check_file(settings.state_dir / GRAPH_FILE)
    recorder = ChangeRecorder(context.kube, context.clock, settings.state_dir / CHANGES_FILE, settings.namespaces)
    store = Store(database, context.clock.now)
    outbox = Outbox(database, [channel.name for channel in channels], [Occasion(name) for name in settings.notify_on])
    store.with_each_event(outbox.take)
    context = replace(context, changes=recorder, runbooks=library)
    return Services(
        settings=settings,
        clock=context.clock,
        store=store,
        database=database,
        writers=Writers(database),
        recorder=recorder,
        context=context,
        rounds=Rounds(context),
        library=library,
        notifications=Notifications(channels, outbox, store, settings.public_url),
        closers=closers,
        model=model,
    )


def _clock(settings: Settings, closers: list[Closer]) -> Clock:
    if settings.clock_url is None:
        return SystemClock()
    token = settings.clock_token.get_secret_value() if settings.clock_token else None
    clock = RemoteClock(settings.clock_url, token=token)
    closers.append(clock.close)
    return clock


def _metrics(settings: Settings, closers: list[Closer]) -> PrometheusClient | None:
    if settings.prometheus_url is None:
        return None
    token = settings.prometheus_token.get_secret_value() if settings.prometheus_token else None
    client = PrometheusClient.at(settings.prometheus_url, token=token)
    closers.append(client.close)
    return client


def _traces(settings: Settings, closers: list[Closer]) -> JaegerClient | None:
    if settings.jaeger_url is None:
        return None
    client = JaegerClient.at(settings.jaeger_url)
    closers.append(client.close)
    return client


def _logs(settings: Settings, closers: list[Closer]) -> LokiClient | None:
    if settings.loki_url is None:
        return None
    token = settings.loki_token.get_secret_value() if settings.loki_token else None
    client = LokiClient.of_tenant(settings.loki_url, settings.loki_tenant, token=token)
    closers.append(client.close)
    return client
