"""Pods that find no node, or are too few."""
