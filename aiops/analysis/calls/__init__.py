"""Who calls whom, what the errors of calls tell by their kind, and where packets suffer."""
