"""What exporters read of the cluster, before any series is made of it."""
