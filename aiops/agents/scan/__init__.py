"""First contact with a cluster: what is unhealthy and why, read once and without any right to change."""
