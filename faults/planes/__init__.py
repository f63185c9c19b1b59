"""Drivers of the data plane, for what is below the Kubernetes API."""
