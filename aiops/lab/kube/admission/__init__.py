"""What may change or refuse a write after it is allowed: the admission plug-ins."""
