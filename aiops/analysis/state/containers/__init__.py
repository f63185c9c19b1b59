"""What containers are made of, and what is said of those that do not run."""
