"""The embedded cluster: control plane, workloads, traffic, telemetry behind the real HTTP APIs. Imports core only."""
