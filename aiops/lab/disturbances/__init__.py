"""Disturbances of the lab's data plane: which ones there are, and what each does to programs, paths, nodes and load.

A disturbance is worked into the layout of the traffic when it begins, so that a tick costs nothing more; only what
changes with time (leaks, limited bandwidth, load) is looked at in each tick. When it ends, nothing of it is left but
what the model itself keeps: memory that leaked, messages that wait.
"""

from aiops.lab.disturbances.audience import Audience
from aiops.lab.disturbances.book import DisturbanceBook
from aiops.lab.disturbances.driver import DisturbanceDriver
from aiops.lab.disturbances.interference import Disturbed

__all__ = ["Audience", "DisturbanceBook", "DisturbanceDriver", "Disturbed"]
