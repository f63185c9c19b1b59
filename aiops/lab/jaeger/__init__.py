"""Traces, kept for an hour, and Jaeger's HTTP API to read them."""
