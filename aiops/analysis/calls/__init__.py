"""What the errors of calls tell by their kind."""
