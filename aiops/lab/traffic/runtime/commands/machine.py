"""Programs that ask the machine: memory, disk, processes. The figures are those that the exporters report."""

from __future__ import annotations

from collections.abc import Sequence
from time import gmtime, strftime

from aiops.core.quantity import parse_quantity
from aiops.lab.ports import ContainerUse, ExecResult
from aiops.lab.traffic.runtime.commands.inside import Inside, printed

_CGROUP = "/sys/fs/cgroup"
_DISK = 100 * 2**30
_MEMORY = 16 * 2**30
_SIGNS = {"-m": 2**20, "-g": 2**30, "-b": 1, "-k": 2**10, "-h": 2**20}


def use_of(inside: Inside) -> ContainerUse:
    return inside.use() or ContainerUse()


def cgroup_files(inside: Inside) -> dict[str, str]:
    """The files of cgroup v2 that tell what a container uses and may use."""
    start, use = inside.process.container, use_of(inside)
    memory = "max" if start.memory_limit is None else str(int(start.memory_limit))
    cpu = "max" if start.cpu_limit is None else str(int(start.cpu_limit * 100_000))
    return {
        f"{_CGROUP}/memory.max": f"{memory}\n",
        f"{_CGROUP}/memory.current": f"{int(use.memory)}\n",
        f"{_CGROUP}/cpu.max": f"{cpu} 100000\n",
        f"{_CGROUP}/pids.current": f"{use.processes}\n",
        "/proc/meminfo": _meminfo(inside),
    }


def free(inside: Inside, arguments: Sequence[str]) -> ExecResult:
    """The node's memory, as a container sees it."""
    unit = next((_SIGNS[each] for each in arguments if each in _SIGNS), 2**10)
    total, used = int(_capacity(inside, "memory", _MEMORY)), int(use_of(inside).memory) + 13 * 2**27
    left = max(total - used, 0)
    head = f"{'':15}{'total':>12}{'used':>12}{'free':>12}{'shared':>12}{'buff/cache':>12}{'available':>12}\n"
    row = "".join(f"{value // unit:>12}" for value in (total, used, left, 0, 0, left))
    swap = "".join(f"{0:>12}" for _ in range(3))
    return printed(f"{head}{'Mem:':15}{row}\n{'Swap:':15}{swap}\n")


def df(inside: Inside, arguments: Sequence[str]) -> ExecResult:
    size = int(_capacity(inside, "ephemeral-storage", _DISK))
    used = int(use_of(inside).disk) + size // 5
    human = "-h" in arguments
    shown = [f"{value / 2**30:.1f}G" if human else str(value // 1024) for value in (size, used, size - used)]
    head = f"{'Filesystem':<20}{'Size' if human else '1K-blocks':>12}{'Used':>12}{'Available':>12} Use% Mounted on\n"
    row = f"{'overlay':<20}{shown[0]:>12}{shown[1]:>12}{shown[2]:>12} {used * 100 // size:>3}% /\n"
    mounts = sorted(
        {mount["mountPath"] for c in inside.pod["spec"]["containers"] for mount in c.get("volumeMounts") or ()}
    )
    more = "".join(f"{'tmpfs':<20}{shown[0]:>12}{'0':>12}{shown[2]:>12}   0% {path}\n" for path in mounts)
    return printed(head + row + more)


def ps(inside: Inside, _arguments: Sequence[str]) -> ExecResult:
    start = inside.process.container
    command = " ".join((*start.command, *start.args)) or inside.process.name
    since = strftime("%H:%M", gmtime(start.started_at))
    head = f"{'PID':>5} {'USER':<8} {'START':<6} COMMAND\n"
    return printed(f"{head}{1:>5} {inside.process.uid:<8} {since:<6} {command}\n")


def nproc(inside: Inside, _arguments: Sequence[str]) -> ExecResult:
    return printed(f"{int(_capacity(inside, 'cpu', 4))}\n")


def uptime(inside: Inside, _arguments: Sequence[str]) -> ExecResult:
    seconds = int(inside.now - inside.process.container.started_at)
    clock = strftime("%H:%M:%S", gmtime(inside.clock))
    return printed(f" {clock} up {seconds // 86400} days, {seconds // 3600 % 24:2}:{seconds // 60 % 60:02},  0 users\n")


def _meminfo(inside: Inside) -> str:
    total = int(_capacity(inside, "memory", _MEMORY)) // 1024
    free_kib = max(total - int(use_of(inside).memory) // 1024 - 13 * 2**17, 0)
    return f"MemTotal: {total:>14} kB\nMemFree: {free_kib:>15} kB\nMemAvailable: {free_kib:>10} kB\n"


def _capacity(inside: Inside, resource: str, default: float) -> float:
    found = (((inside.node or {}).get("status") or {}).get("capacity") or {}).get(resource)
    return default if found is None else parse_quantity(found)
