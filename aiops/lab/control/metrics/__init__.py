"""The metrics server: what nodes and pods use, as metrics.k8s.io answers it."""
