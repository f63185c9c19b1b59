"""What holds for every test: in CI nothing may be skipped, no property has a deadline in wall time, garbage is rare."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from typing import TypeVar

import pytest
from hypothesis import settings

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

settings.register_profile("patient", deadline=None, max_examples=40)  # a deadline tells of the machine
settings.register_profile("soak", deadline=None, max_examples=200)
settings.load_profile("patient")

COLLECT_AFTER = (50_000, 20, 20)
"""Python's own thresholds made a sixth of a run's time the search for garbage, most of it among modules."""


def pytest_configure() -> None:
    gc.set_threshold(*COLLECT_AFTER)


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: no search for garbage has to look at it."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _never_skipped_in_ci((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _never_skipped_in_ci((yield))


def _never_skipped_in_ci(report: Report) -> Report:
    """A missing program is a fault of the machine's set-up there, not a reason to test less."""
    if report.skipped and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped in CI: {report.longrepr}"
    return report
