"""A real Prometheus on loopback that holds given samples: the older ones in a block, the newer sent by remote write."""

from __future__ import annotations

import math
import shutil
import socket
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from aiops.lab.promql.formatting import format_float
from aiops.lab.tsdb import NAME, Labels
from tests.lab.promql.differential.samples import Group

VERSION = "2.42."

STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]
"""Prometheus' staleness marker: one NaN among many."""

Points = dict[Labels, list[tuple[int, float]]]


def missing() -> str:
    """What is not installed, or nothing."""
    for name in ("prometheus", "promtool"):
        if shutil.which(name) is None:
            return f"{name} is not on the PATH (Debian 12's package prometheus)"
    said = subprocess.run(["prometheus", "--version"], check=True, capture_output=True, text=True)
    version = (said.stdout + said.stderr).split()[2]
    return "" if version.startswith(VERSION) else f"the installed Prometheus is {version}, not {VERSION}"


@contextmanager
def prometheus(folder: Path, groups: list[Group], tail: int) -> Iterator[str]:
    """The address of a server that holds the samples."""
    write_block(folder, points(groups, 0, tail))
    (folder / "prometheus.yml").write_text("{}")
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    options = {"config.file": folder / "prometheus.yml", "storage.tsdb.path": folder / "data"}
    command = ["prometheus", *(f"--{name}={value}" for name, value in options.items())]
    command += [f"--web.listen-address={address}", "--web.enable-remote-write-receiver"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            said = []
            for line in process.stderr:
                said.append(line)
                if "Server is ready to receive web requests" in line:
                    break
            else:
                raise RuntimeError(f"prometheus did not start: {''.join(said[-3:])}")
            send(f"http://{address}", points(groups, tail, 2**62))
            yield f"http://{address}"
        finally:
            process.kill()


def points(groups: list[Group], start: int, end: int) -> Points:
    """The samples of each series in a window, with a marker at the first scrape that no longer delivers it."""
    found: Points = {}
    for group in groups:
        alive: set[Labels] = set()
        for time, row in zip(group.times, group.rows, strict=True):
            here = {**dict.fromkeys(sorted(alive - row.keys()), STALE), **row}
            alive = set(row)
            if start <= time < end:
                for labels, value in here.items():
                    found.setdefault(labels, []).append((time, value))
    return found


def write_block(folder: Path, found: Points) -> None:
    families: dict[str, list[str]] = {}
    for labels, samples in found.items():
        own = ",".join(f'{name}="{value}"' for name, value in labels if name != NAME)
        lines = families.setdefault(dict(labels)[NAME], [])
        lines += [f"{dict(labels)[NAME]}{{{own}}} {written(value)} {time / 1000:.3f}" for time, value in samples]
    text = "\n".join(line for lines in families.values() for line in lines)
    (folder / "samples.om").write_text(f"{text}\n# EOF\n")
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", folder / "samples.om", folder / "data"]
    subprocess.run(command, check=True, capture_output=True)


def written(value: float) -> str:
    return format_float(value) if math.isnan(value) else repr(value)


def send(address: str, found: Points) -> None:
    """Remote write: a protocol buffer, wrapped as Snappy's format asks but not made smaller."""
    body = b"".join(part(1, series(labels, samples)) for labels, samples in found.items())
    headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"}
    reply = httpx2.post(f"{address}/api/v1/write", content=snappy(body), headers=headers)
    assert reply.status_code == 204, reply.text


def series(labels: Labels, samples: list[tuple[int, float]]) -> bytes:
    pairs = b"".join(part(1, part(1, name.encode()) + part(2, value.encode())) for name, value in labels)
    return pairs + b"".join(part(2, b"\x09" + struct.pack("<d", v) + b"\x10" + varint(t)) for t, v in samples)


def part(field: int, content: bytes) -> bytes:
    return bytes([field << 3 | 2]) + varint(len(content)) + content


def varint(number: int) -> bytes:
    digits = b""
    while number >= 0x80:
        digits += bytes([number & 0x7F | 0x80])
        number >>= 7
    return digits + bytes([number])


def snappy(body: bytes) -> bytes:
    """Literal runs of up to 64 KiB."""
    runs = [body[start : start + 65_536] for start in range(0, len(body), 65_536)]
    return varint(len(body)) + b"".join(bytes([61 << 2]) + struct.pack("<H", len(run) - 1) + run for run in runs)
