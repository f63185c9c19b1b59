"""Names, labels, types and units of everything that can be scraped, and what holds for every sample."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from aiops.core.telemetry import Series
from aiops.lab.exporters.exposition.families import family_of
from aiops.lab.exporters.scraping.slots import OWN
from aiops.lab.tsdb import Matcher
from aiops.lab.world import World
from tests.lab.exporters.exposition.text_format import page
from tests.lab.exporters.golden import GOLDEN, lived, names_of, scraped

ODD = {
    "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL",
    "DCGM_FI_DEV_ECC_SBE_VOL_TOTAL",
    "DCGM_FI_DEV_PCIE_REPLAY_COUNTER",
    "container_memory_failcnt",
    "mongodb_ss_opcounters",
    "mysql_global_status_aborted_connects",
    "nginx_ingress_controller_requests",
    "node_vmstat_oom_kill",
    "node_netstat_Tcp_RetransSegs",
    "DCGM_FI_DEV_THERMAL_VIOLATION",
    "DCGM_FI_DEV_POWER_VIOLATION",
    "pg_stat_database_tup_fetched",
    "pg_stat_database_tup_inserted",
    "pg_stat_database_tup_updated",
}
"""Counters whose public names don't end in `_total`."""

UNSTYLED = (
    "mongodb_dbstats_dataSize",
    "mongodb_ss_globalLock_currentQueue",
    "node_memory_",
    "DCGM_FI_DEV_",
    "DCGM_FI_PROF_",
    "db_client_connection_count",
    "pg_stat_activity_count",
    *sorted(ODD),
)
"""How public names begin that promtool's style check does not like."""


@pytest.fixture(scope="module")
def worlds() -> Sequence[World]:
    """Between them they have every exporter but those of kinds of stores that nobody of them uses."""
    return [lived("hotel"), lived("training")]


@pytest.fixture(scope="module")
def everything(worlds: Sequence[World]) -> Sequence[Series]:
    return scraped(worlds)


def test_every_exporter_gives_its_public_names_and_labels(everything: Sequence[Series]) -> None:
    """After a wanted change write the list anew with `python -m tests.lab.exporters.golden`."""
    assert names_of(everything) == json.loads(GOLDEN.read_text())


def test_no_sample_is_negative_or_no_number(everything: Sequence[Series]) -> None:
    for series in everything:
        assert np.isfinite(series.values).all(), series.labels
        assert (series.values >= 0).all(), series.labels


def test_counters_fall_only_where_a_process_starts_again(worlds: Sequence[World]) -> None:
    for world in worlds:
        restarted = _restarted(world)
        for series in scraped([world]):
            if _is_counter(series.name) and series.labels.get("pod") not in restarted:
                assert (np.diff(series.values) >= 0).all(), series.labels


def _is_counter(name: str) -> bool:
    """Whether the samples of a series may only rise until its process starts again."""
    family, kind = family_of(name)
    return kind == "counter" or (kind in ("histogram", "summary") and name != family)


def _restarted(world: World) -> set[str]:
    name = "kube_pod_container_status_restarts_total"
    found = world.series.select([Matcher("__name__", "=", name)], 0.0, world.now)
    return {series.labels["pod"] for series in found if series.values[-1] > 0}


def test_names_and_units_are_those_of_openmetrics(everything: Sequence[Series]) -> None:
    for name in sorted({series.name for series in everything}):
        assert re.fullmatch(r"[a-zA-Z_:][a-zA-Z0-9_:]*", name)
        assert not re.search(r"(?<!/)_(milliseconds|kilobytes|megabytes|percent|minutes)(_|$)", name)
        family, kind = family_of(name)
        if kind == "counter" and name not in ODD:
            assert name.endswith("_total")
        if kind == "gauge":
            assert not name.endswith(("_total", "_bucket"))
        if kind in ("histogram", "summary"):
            assert name.removeprefix(family) in ("_bucket", "_count", "_sum")


def test_histograms_are_whole(worlds: Sequence[World]) -> None:
    for world in worlds:
        series = {_key(s.labels): s for s in scraped([world])}
        counts = [s for s in series.values() if s.name.endswith("_count") and family_of(s.name)[1] == "histogram"]
        assert counts
        for count in counts:
            bucket = {**count.labels, "__name__": count.name.removesuffix("_count") + "_bucket", "le": "+Inf"}
            assert (series[_key(bucket)].values == count.values).all()


def _key(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(labels.items()))


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_takes_the_page_of_every_target(worlds: Sequence[World]) -> None:
    for world in worlds:
        pages: dict[str, list[Series]] = defaultdict(list)
        for series in scraped([world]):
            if series.name not in OWN and series.times[-1] > world.now - 40:
                pages["/".join(series.labels.get(k, "") for k in ("job", "instance", "metrics_path"))].append(series)
        for target, found in _one_of_each_job(pages).items():
            run = subprocess.run(
                ["promtool", "check", "metrics"], input=page(found), capture_output=True, text=True, check=False
            )
            problems = [line for line in run.stderr.splitlines() if line and not line.startswith(UNSTYLED)]
            assert problems == [], target


def _one_of_each_job(pages: Mapping[str, list[Series]]) -> dict[str, list[Series]]:
    """The longest page of each job: the pages of its other targets are of the same making."""
    found: dict[str, str] = {}
    for target in sorted(pages):
        job = pages[target][0].labels["job"] + pages[target][0].labels.get("metrics_path", "")
        if job not in found or len(pages[target]) > len(pages[found[job]]):
            found[job] = target
    return {target: pages[target] for target in found.values()}
