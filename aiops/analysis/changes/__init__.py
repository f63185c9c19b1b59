"""Which of the changes before an onset may have caused it."""
