"""Clients of outside services: own errors, retries, timeouts, an injectable transport. Imports core only."""
