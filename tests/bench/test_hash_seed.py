"""Equal lines whatever order sets have: this interpreter draws it anew for every process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

pytestmark = [pytest.mark.soak, pytest.mark.timeout(300)]

CASES = [("network_policy_blocks_edge", "status-rules"), ("odd_but_healthy", "noop")]
PLAY = """
import asyncio, sys
from pathlib import Path
import orjson
from aiops.bench import forks
from aiops.bench.line import of_record
from aiops.bench.play import play
from aiops.bench.record import Admission
from aiops.bench.stage import warmed
from aiops.bench.suites.registry import scenarios_of

admission = Admission(admitted=True, idle=(0.5,))
world = warmed("hotel", 0)

def line(case, agent):
    scenario = next(one for one in scenarios_of("smoke", [0]) if one.case == case)
    folder = Path(sys.argv[1], case)
    folder.mkdir(parents=True)
    return of_record(asyncio.run(play(world, scenario, agent, admission, folder)))

for case, agent in zip(sys.argv[2::2], sys.argv[3::2]):
    told = forks.run(lambda: line(case, agent), 120.0)
    sys.stdout.buffer.write(orjson.dumps(told) + b"\\n")
"""


def lines(hash_seed: str, folder: Path) -> list[bytes]:
    """Of every case, played on one world by a process with this seed."""
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-c", PLAY, str(folder), *(word for case in CASES for word in case)]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=250, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return done.stdout.splitlines()


def test_lines_do_not_follow_the_order_of_sets(tmp_path: Path) -> None:
    first, second = (lines(seed, tmp_path / seed) for seed in ("1", "4242"))
    assert [orjson.loads(line)["case"] for line in first] == [case for case, _ in CASES]
    assert first == second
