"""What is written wrongly in objects that a workload is made of."""
