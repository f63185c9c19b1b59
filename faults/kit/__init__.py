"""What several faults need: what is in use, what an object says, how a person would change it."""
