"""Nodes: what they report, and what happens when they don't."""
