"""CPU and memory of processes and nodes: who gets how much, and who has to die."""
