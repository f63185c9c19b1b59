"""The HTTP side of the Kubernetes API: requests, verbs, subresources."""
