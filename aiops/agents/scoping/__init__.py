"""Which namespaces, which window, who calls whom: what an incident is about."""
