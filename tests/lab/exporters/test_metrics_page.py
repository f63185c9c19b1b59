"""What the page on metrics names is there."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.lab.exporters.golden import GOLDEN

PAGE = Path(__file__).parents[3] / "docs" / "metrics.md"


def test_every_metric_and_job_that_the_page_names_is_scraped() -> None:
    listed = json.loads(GOLDEN.read_text())
    names = {name for job in listed.values() for name in job}
    text = PAGE.read_text()
    metrics = re.findall(r"`((?:[a-z]+_){2,}[A-Za-z_]+|DCGM_[A-Z_]+)`", text)
    assert len(metrics) >= 8
    assert set(metrics) <= names
    jobs = {job for cell in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE) for job in re.findall(r"`(.+?)`", cell)}
    assert jobs <= listed.keys()
