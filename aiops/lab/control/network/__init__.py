"""Controllers that say where a Service's pods are."""
