"""What Prometheus would scrape from this cluster: the exporters that people run, under their public metric names."""

from aiops.lab.exporters.exporters import Exporters

__all__ = ["Exporters"]
