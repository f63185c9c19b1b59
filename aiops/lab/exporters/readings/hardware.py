"""What exporters notice of the machines themselves: whether they run, their clocks, their accelerators."""

from __future__ import annotations

from typing import Protocol


class Hardware(Protocol):
    """The machines by their nodes' names."""

    def version(self) -> int:
        """Changes whenever another answer may."""
        ...

    def powered(self, node: str) -> bool:
        """Whether the machine runs and can be reached."""
        ...

    def kubelet_up(self, node: str) -> bool:
        """Whether its kubelet answers."""
        ...

    def clock_offset(self, node: str) -> float:
        """By how many seconds its clock is ahead of the true time."""
        ...

    def accelerator_slowdown(self, node: str) -> float:
        """How many times slower than they could its accelerators are clocked."""
        ...

    def accelerator_celsius(self, node: str) -> float:
        """How hot its accelerators are in spite of what they do; 0 where they are as hot as their work makes them."""
        ...

    def xid(self, node: str) -> int:
        """The last error that the driver of its accelerators reported; 0 for none."""
        ...


class Sound:
    """Machines with which nothing is wrong."""

    def version(self) -> int:
        return 0

    def powered(self, node: str) -> bool:
        return bool(node)

    def kubelet_up(self, node: str) -> bool:
        return bool(node)

    def clock_offset(self, node: str) -> float:
        del node
        return 0.0

    def accelerator_slowdown(self, node: str) -> float:
        del node
        return 1.0

    def accelerator_celsius(self, node: str) -> float:
        del node
        return 0.0

    def xid(self, node: str) -> int:
        del node
        return 0
