"""Runbooks, topologies and their index. Imports clients and core."""
