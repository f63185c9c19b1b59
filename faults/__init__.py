"""Chaos faults, one file each. Imports clients and core; never tools, never lab."""
