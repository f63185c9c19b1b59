"""aiops: an operations assistant for people on call."""
