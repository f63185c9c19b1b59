"""An application's Kubernetes objects at the start, as raw manifests. One file a family of kinds; `application` orders
them."""

from aiops.lab.apps.manifests.application import manifests

__all__ = ["manifests"]
