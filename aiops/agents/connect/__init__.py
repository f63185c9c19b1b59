"""What the assistant can and cannot see and do with the credentials that it has, before it is put to work."""
