"""What the course of telemetry tells of processes, stores, queues and machines: one kind of trouble, one file."""
