"""A process in a container as it is by itself: it knows nothing of requests."""
