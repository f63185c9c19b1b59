"""What the course of telemetry tells of processes, stores, queues and machines. The checks are files of `checks/`, one
each."""
