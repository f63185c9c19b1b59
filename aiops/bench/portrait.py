"""What a kind of fault looks like, and what mends it, in words that two kinds can be compared by.

Names of objects are left out: an object is told by its kind, and by whether it is the one at fault.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from aiops.bench.agents.single_metric import METRICS, SURE, workload_of, z_score
from aiops.bench.course import Course
from aiops.bench.stage import Access, Stage
from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest, ends
from aiops.core.fields import desired, differences
from aiops.core.model import Value
from aiops.core.telemetry import Series
from aiops.faults.journal import InjectionJournal
from aiops.faults.registry import FAULTS

LOOK = 240.0
"""Simulated seconds after the onset when a kind is looked at."""

BEFORE = 1200.0
STEP = 15.0
PLATFORM = {
    "requests that the API server turns away": 'sum(rate(apiserver_request_total{code="429"}[1m])) or vector(0)',
    "names without an address": 'sum(rate(coredns_dns_responses_total{rcode="NXDOMAIN"}[1m])) or vector(0)',
    "segments that are sent again": "sum(rate(node_netstat_Tcp_RetransSegs[1m])) or vector(0)",
    "time that disks make wait": "sum(rate(node_pressure_io_waiting_seconds_total[1m])) or vector(0)",
}
"""What all workloads stand on, beside the signals of each."""

KINDS_OF_FAILURE = {
    "calls that end with {error_type}": "sum by (error_type) (rate(http_client_request_duration_seconds_count[1m]))",
    "answers of {http_response_status_code}": (
        "sum by (http_response_status_code) (rate(http_server_request_duration_seconds_count[1m]))"
    ),
    "failures of {http_route}": (
        'sum by (http_route) (rate(http_server_request_duration_seconds_count{http_response_status_code=~"5.."}[1m]))'
    ),
}
"""How requests fail, by the labels in the name. Routes are counted, not named."""

OPEN_FILES = "sum by (namespace, pod) (process_open_fds)"

LINES = 3000
"""Lines of logs that are read, of the time before the onset and after it."""

CONDITIONED = ("Deployment", "Node", "Job", "HorizontalPodAutoscaler", "PersistentVolumeClaim", "APIService")
NEVER = "1970-01-01T00:00:00Z"

OFTEN = 3
"""Lines of one template from which on it is no accident that it was not there before."""

TROUBLE = "err|warn|fail|refus|denied|timeout|timed out|unavail|exceed|kill|unable|cannot|invalid|no such"
_VARIABLE = re.compile(r"[\w./:@-]*\d[\w./:@-]*|\"[^\"]*\"|'[^']*'")
_WORDS = 12
_INDEX = re.compile(r"\[[^\]]*\]")
_DEPTH = 6
"""Steps of a path that are compared: below that stand names."""
KEYED = ("data", "binaryData", "stringData")


class Portrait(Value):
    """`symptoms` are signals that moved, states of objects and templates of log lines that were not there before; `fix`
    are the fields that the reference fix writes, or that a person has to be told."""

    case: str
    symptoms: frozenset[str]
    fix: frozenset[str]


class Likeness(NamedTuple):
    """How alike two kinds are, from 0 to 1: what they share of all that either has."""

    one: str
    other: str
    symptoms: float
    fix: float

    @property
    def least(self) -> float:
        """Two kinds are one where they share both."""
        return min(self.symptoms, self.fix)


def likenesses(portraits: Sequence[Portrait]) -> list[Likeness]:
    """All pairs, the nearest first."""
    found = [
        Likeness(one.case, other.case, _share(one.symptoms, other.symptoms), _share(one.fix, other.fix))
        for one, other in combinations(sorted(portraits, key=lambda each: each.case), 2)
    ]
    return sorted(found, key=lambda pair: (-pair.least, -pair.symptoms, pair.one, pair.other))


def as_markdown(pairs: Sequence[Likeness]) -> str:
    """One row for each pair."""
    rows = [f"| {pair.one} | {pair.other} | {pair.symptoms:.2f} | {pair.fix:.2f} |" for pair in pairs]
    return "\n".join(["| one | other | symptoms | fix |", "|---|---|--:|--:|", *rows])


async def portrait(stage: Stage, course: Course, access: Access) -> Portrait:
    """What can be seen at this moment of a course that has begun."""
    blamed = _blamed(course)
    seen = {
        *await _signals(stage, course, access, blamed),
        *await _failures(stage, course, access),
        *_states(stage, course, blamed),
        *await _templates(stage, course, access),
    }
    return Portrait(case=course.scenario.case, symptoms=frozenset(seen), fix=frozenset(_fix(stage, course)))


async def drawn(stage: Stage, course: Course, access: Access) -> Any:
    """As `portrait`, as a JSON value."""
    return (await portrait(stage, course, access)).model_dump(mode="json")


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 1.0


def _blamed(course: Course) -> frozenset[str]:
    """The names of what is at fault."""
    if course.injection is None:
        return frozenset()
    return frozenset(entity.name for part in course.injection.truth.parts for entity in ends(part.subject))


def _whose(name: str, blamed: frozenset[str]) -> str:
    return "its" if any(name == each or name.startswith(f"{each}-") for each in blamed) else "other"


async def _signals(stage: Stage, course: Course, access: Access, blamed: frozenset[str]) -> set[str]:
    """Which metrics of what is at fault, and of others, rose or fell."""
    now, found = stage.clock.now(), set()
    for metric, promql in {**METRICS, "open files": OPEN_FILES}.items():
        for series in await access.metrics.query_range(promql, course.onset - BEFORE, now, STEP):
            moved = z_score(series, course.onset)
            if abs(moved) >= SURE:
                whose = _whose(workload_of(series.labels).rpartition("/")[2], blamed)
                found.add(f"{metric} of {whose} {'up' if moved > 0 else 'down'}")
    return found


async def _failures(stage: Stage, course: Course, access: Access) -> set[str]:
    """What the platform does more than before, the ways in which requests fail, and on how many routes."""
    now, found, routes = stage.clock.now(), set(), 0
    for metric, promql in {**PLATFORM, **KINDS_OF_FAILURE}.items():
        for series in await access.metrics.query_range(promql, course.onset - BEFORE, now, STEP):
            if z_score(series, course.onset) >= SURE or _is_new(series, course.onset):
                routes += "http_route" in series.labels
                found.add(metric.format_map(defaultdict(str, series.labels)) + ": more")
    return {each for each in found if not each.startswith("failures of ")} | {f"routes that fail: {routes}"}


def _is_new(series: Series, onset: float) -> bool:
    return not (series.times <= onset).any() and bool(series.values[series.times > onset].any())


def _states(stage: Stage, course: Course, blamed: frozenset[str]) -> set[str]:
    """Conditions that turned false, why containers wait or ended, and warnings, since the onset."""
    cluster, since = stage.world.cluster, course.onset
    found = set()
    for kind in CONDITIONED:
        for item in cluster.objects(kind):
            whose = _whose(item["metadata"]["name"], blamed)
            for each in (item.get("status") or {}).get("conditions") or ():
                if from_rfc3339(each.get("lastTransitionTime") or NEVER) >= since:
                    found.add(f"{kind} of {whose}: {each['type']} {each['status']} {each.get('reason', '')}")
    for pod in cluster.objects("Pod"):
        whose = _whose(pod["metadata"]["name"], blamed)
        found |= {f"container of {whose}: {reason}" for reason in _reasons(pod, since)}
    for event in cluster.objects("Event"):
        if event.get("type") == "Warning" and from_rfc3339(event.get("lastTimestamp") or NEVER) >= since:
            about = event["involvedObject"]
            found.add(f"event of {about['kind']} of {_whose(about.get('name', ''), blamed)}: {event['reason']}")
    return found


def _reasons(pod: Manifest, since: float) -> Iterator[str]:
    status = pod.get("status") or {}
    for entry in (*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())):
        for moment in (entry.get("state") or {}, entry.get("lastState") or {}):
            ended = moment.get("terminated") or {}
            if "waiting" in moment:
                yield str(moment["waiting"].get("reason"))
            elif ended and from_rfc3339(ended.get("finishedAt") or NEVER) >= since:
                yield f"{ended.get('reason')} {ended.get('exitCode')}"


async def _templates(stage: Stage, course: Course, access: Access) -> set[str]:
    """How lines of trouble begin that nobody wrote before the onset, without what differs from line to line."""
    query = "{" + f'namespace=~"{"|".join(stage.namespaces)}"' + "}" + f' |~ "(?i){TROUBLE}"'
    before = await access.logs.lines(query, course.onset - BEFORE, course.onset, limit=LINES)
    after = await access.logs.lines(query, course.onset, stage.clock.now(), limit=LINES)
    known = {_template(line.text) for line in before}
    counts = Counter(told for line in after if (told := _template(line.text)) not in known)
    return {f"log: {told}" for told, count in counts.items() if count >= OFTEN}


def _template(message: str) -> str:
    return " ".join(_VARIABLE.sub("*", message.lower()).split()[:_WORDS])


def _fix(stage: Stage, course: Course) -> set[str]:
    """The fields that differ from how they were before the onset, and which objects are there no more or only now."""
    if course.scenario.kind == "fault" and FAULTS.get(course.scenario.case).cure == "escalate":
        return {"a person"}
    if course.injection is None:
        return set()
    found = set()
    for entity, before in InjectionJournal(stage.journal).originals(course.injection.id):
        now = stage.world.cluster.find(entity.kind, entity.namespace, entity.name)
        if before is None or now is None:
            found |= {f"{entity.kind} {'made' if before is None else 'gone'}"} if before or now else set()
        else:
            found |= {f"{entity.kind} {_field(each.path)}" for each in differences(desired(before), desired(now))}
    return found


def _field(path: str) -> str:
    steps = _INDEX.sub("", path).split(".")
    return steps[0] if steps[0] in KEYED else ".".join(steps[:_DEPTH])
