"""Machines that are off, cut off, full, slow or wrong about the time, and nodes that take no pods."""
