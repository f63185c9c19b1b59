"""Too little CPU, memory, disk or room in a quota."""
