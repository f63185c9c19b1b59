"""Loki: the logs of all containers behind its HTTP API, labelled as a collector on each node would."""
