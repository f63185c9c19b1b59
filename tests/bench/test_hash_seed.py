"""Equal lines whatever order sets have: this interpreter draws it anew for every process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PLAY = """
import asyncio, sys
from pathlib import Path
import orjson
from aiops.bench.line import of_record
from aiops.bench.play import play
from aiops.bench.record import Admission
from aiops.bench.stage import warmed
from aiops.bench.suites import scenarios_of

case, agent, folder = sys.argv[1:]
scenario = next(one for one in scenarios_of("smoke", [0]) if one.case == case)
admission = Admission(admitted=True, idle=(0.5,))
record = asyncio.run(play(warmed("hotel", 0), scenario, agent, admission, Path(folder)))
sys.stdout.buffer.write(orjson.dumps(of_record(record)))
"""


def line(hash_seed: str, case: str, agent: str, folder: Path) -> bytes:
    folder.mkdir()
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-c", PLAY, case, agent, str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=250, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return done.stdout


@pytest.mark.parametrize(
    ("case", "agent"), [("network_policy_blocks_edge", "status-rules"), ("odd_but_healthy", "noop")]
)
def test_the_line_does_not_follow_the_order_of_sets(case: str, agent: str, tmp_path: Path) -> None:
    first, second = (line(seed, case, agent, tmp_path / seed) for seed in ("1", "4242"))
    assert orjson.loads(first)["case"] == case
    assert first == second
