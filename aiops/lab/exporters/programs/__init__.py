"""Exporters of what runs in pods: instrumented programs, the gateway, data stores; and pages asked for from outside."""
