"""The exporters that run once on each machine."""
