"""Controllers, scheduler and kubelets: what acts on the objects of the lab's cluster. Everybody acts through the store.

control = ControlPlane(store, runtime, Random(7), clock.now)
control.step()  # once a tick
"""

from aiops.lab.control.metrics.server import MetricsServer
from aiops.lab.control.plane import ControlPlane

__all__ = ["ControlPlane", "MetricsServer"]
