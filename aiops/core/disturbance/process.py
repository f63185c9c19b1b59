"""What happens inside containers: stress, disks, clocks, and what programs do."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from aiops.core.disturbance.behaviour import Behaviour
from aiops.core.disturbance.scope import Bytes, Occasional, OnPods, Percent, Seconds, Settings


class CpuStress(OnPods):
    """Something in the container's group burns CPU, in cores."""

    kind: Literal["stress.cpu"] = "stress.cpu"
    cores: float = Field(gt=0, le=1_000)


class MemoryStress(OnPods):
    """Something in the container's group holds memory."""

    kind: Literal["stress.memory"] = "stress.memory"
    bytes: Bytes


class IoDelay(OnPods):
    """A share of the reads and writes of the process takes longer. `volume` is the path at which it is mounted; empty:
    wherever the process keeps its data."""

    kind: Literal["io.delay"] = "io.delay"
    volume: str = ""
    seconds: Seconds
    percent: Percent = 100.0


class IoErrors(OnPods):
    """A share of the reads and writes of the process fails; with no space left, only writes. `volume` is the path at
    which it is mounted; empty: wherever the process keeps its data."""

    kind: Literal["io.errors"] = "io.errors"
    volume: str = ""
    percent: Percent = 100.0
    no_space: bool = False


class DiskFill(OnPods):
    """A file of somebody else lies on the disk on which the process keeps its data."""

    kind: Literal["disk.fill"] = "disk.fill"
    bytes: Bytes


class ClockOffset(OnPods):
    """The processes see a clock that is ahead of the true time, or behind it where this is negative."""

    kind: Literal["clock.offset"] = "clock.offset"
    seconds: float = Field(ge=-1e9, le=1e9)


class ContainerKill(OnPods):
    """The containers' processes are killed, once."""

    kind: Literal["container.kill"] = "container.kill"


class Misbehaviour(OnPods):
    """The programs in these pods behave in this way, where their environment holds these `settings`. With
    `until_restart` it is a state that the processes which run now got into, and that ends with them."""

    kind: Literal["misbehaviour"] = "misbehaviour"
    behaviours: tuple[Behaviour, ...] = Field(min_length=1)
    settings: Settings = Field(default_factory=dict)
    until_restart: bool = False


class Release(Occasional):
    """A version of an image is published (or published anew) whose program behaves in this way. It is felt where
    somebody runs it with these `settings` in the environment. `image` is the repository with its registry;
    `architecture` is that of the processors for which it is built."""

    kind: Literal["release"] = "release"
    image: str = Field(min_length=1)
    version: str = Field(pattern=r"^[\w][\w.-]{0,127}$")
    architecture: Literal["amd64", "arm64"] = "amd64"
    behaviours: tuple[Behaviour, ...] = ()
    settings: Settings = Field(default_factory=dict)


ProcessDisturbance = (
    CpuStress | MemoryStress | IoDelay | IoErrors | DiskFill | ClockOffset | ContainerKill | Misbehaviour
)
