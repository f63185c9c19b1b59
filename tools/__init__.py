"""Typed operations: what agents, the command line and people can do. Imports clients, analysis and core."""
