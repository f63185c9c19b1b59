"""The logs of containers put together from what requests, events and commands left."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.logs.book import Statement
from aiops.lab.logs.entries import LogEntry, Stream
from aiops.lab.logs.phrases import Phrases
from aiops.lab.ports import ContainerStart
from aiops.lab.traffic.processes.process import UTILITY, Process
from aiops.lab.traffic.runtime.container_logs import ContainerLogs

NOW = 100.0
STREAMS: tuple[Stream, ...] = ("stdout", "stderr")
LINES = st.lists(
    st.tuples(st.floats(0.5, NOW, allow_subnormal=False), st.sampled_from(STREAMS), st.integers(1, 3)), max_size=12
)
CLOCKS = st.lists(st.tuples(st.integers(1, 99), st.sampled_from([0.0, 30.0, -20.0])), max_size=3)


class Node:
    """One node with a container; `now` is the time."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now
        self.processes: dict[str, Process] = {}
        self.logs = ContainerLogs(self.processes, lambda process: list(process.log), Phrases(), lambda: self.now)
        self.start("one")

    def start(self, name: str) -> Process:
        pod = {"metadata": {"name": name, "namespace": "shop", "labels": {"app": name}}, "spec": {"nodeName": "node"}}
        start = ContainerStart(id=name, pod=pod, name="main", image="image:1", started_at=0.0)
        self.processes[name] = Process(start, name, UTILITY, listens_at=0.0)
        return self.processes[name]

    def event(self, moment: float, text: str, stream: Stream = "stdout", container: str = "one") -> None:
        self.processes[container].log.append(LogEntry(moment, text, stream=stream))

    def request(self, moment: float, text: str, stream: Stream = "stdout", container: str = "one") -> None:
        """A line that a request left."""
        book = self.logs.book
        number = book.number(Statement(container, text, {}, stream), (container, text, stream))
        rows = book.append(1, moment, moment)
        rows["time"], rows["statement"] = moment, number

    def remove(self, container: str) -> None:
        self.logs.keep(self.processes[container])
        del self.processes[container]

    def texts(self, container: str = "one", since: float = -inf, until: float = inf) -> list[str]:
        return [line.text for line in self.logs.written(container, since, until)]


@pytest.fixture
def node() -> Node:
    return Node()


def test_lines_of_requests_and_events_come_in_the_order_of_their_moments(node: Node) -> None:
    node.event(1.0, "started")
    node.event(5.0, "stopping")
    node.request(3.0, "GET /")
    assert node.texts() == ["started", "GET /", "stopping"]
    assert node.texts(since=2.0, until=4.0) == ["GET /"]


def test_each_line_of_a_message_has_its_own_moment(node: Node) -> None:
    node.event(1.0, "Traceback\n  frame\nError", "stderr")
    lines = node.logs.written("one", 0.0, NOW)
    assert [line.text for line in lines] == ["Traceback", "  frame", "Error"]
    assert len({line.time for line in lines}) == 3


def test_one_stream_can_be_asked_for(node: Node) -> None:
    node.event(1.0, "out")
    node.request(2.0, "bad", "stderr")
    assert [line.text for line in node.logs.written("one", 0.0, NOW, stream="stderr")] == ["bad"]
    assert node.logs.stdio("one", 0.0, NOW) == {"stdout", "stderr"}
    assert node.logs.stdio("one", 0.0, 1.5) == {"stdout"}


def test_of_the_tail_there_are_at_least_so_many(node: Node) -> None:
    for moment in range(1, 30):
        node.request(float(moment), f"line {moment}")
    assert [line.text for line in node.logs.written("one", 0.0, NOW, tail=3)][-3:] == ["line 27", "line 28", "line 29"]


def test_nothing_is_told_of_what_has_not_happened_or_of_nobody(node: Node) -> None:
    node.event(NOW + 1.0, "later")
    assert node.texts() == []
    assert node.texts("nobody") == []
    assert node.logs.moments("nobody", 0.0, NOW, "stdout").tolist() == []
    assert node.logs.stdio("nobody", 0.0, NOW) == frozenset()
    node.now += 1.0
    assert node.texts() == ["later"]


def test_the_log_of_a_removed_container_ends_with_it(node: Node) -> None:
    node.event(1.0, "started")
    node.processes["one"].end(50.0, 0, "Completed")
    node.request(60.0, "never")
    node.remove("one")
    assert node.texts() == ["started"]
    node.start("two")
    assert [stream.container_id for stream in node.logs.log_streams()] == ["one", "two"]


def test_old_logs_of_removed_containers_are_forgotten(node: Node) -> None:
    for number in range(520):
        node.start(f"c{number}")
        node.event(1.0, "started", container=f"c{number}")
        node.remove(f"c{number}")
    assert node.texts("c0") == []
    assert node.texts("c519") == ["started"]


def test_stamps_are_those_of_the_nodes_clock(node: Node) -> None:
    node.event(10.0, "before")
    node.logs.stamps.note(20.0, {"node": 500.0})
    node.event(30.0, "after")
    assert [(line.time, line.text) for line in node.logs.written("one", 0.0, inf)] == [
        (10.0, "before"),
        (530.0, "after"),
    ]
    assert node.texts(since=15.0, until=100.0) == []
    assert node.logs.moments("one", 0.0, inf, "stdout").tolist() == [10.0, 530.0]


@given(LINES, LINES, CLOCKS, st.floats(-30, 130), st.floats(0, 100))
def test_the_moments_are_those_of_the_lines(
    events: Sequence[tuple[float, Stream, int]],
    requests: Sequence[tuple[float, Stream, int]],
    clocks: Sequence[tuple[int, float]],
    since: float,
    span: float,
) -> None:
    node = Node()
    for set_at, ahead in sorted(clocks):
        node.logs.stamps.note(float(set_at), {"node": ahead})
    for moment, stream, lines in events:
        node.event(moment, "\n".join(["event"] * lines), stream)
    for moment, stream, lines in requests:
        node.request(moment, "\n".join(["request"] * lines), stream)
    for stream in STREAMS:
        written = node.logs.written("one", since, since + span, stream=stream)
        moments = node.logs.moments("one", since, since + span, stream)
        assert len(moments) == len(written)
        assert [line.time for line in written] == sorted(line.time for line in written)
        assert moments.tolist() == pytest.approx([line.time for line in written], abs=1e-3)
