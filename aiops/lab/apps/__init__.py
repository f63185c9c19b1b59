"""Applications as data: what runs, what calls what, how it is deployed. YAML in, Kubernetes manifests out."""

from aiops.lab.apps.loader import load_application
from aiops.lab.apps.model import Application

__all__ = ["Application", "load_application"]
