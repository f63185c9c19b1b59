"""Families of request metrics and the golden signals that are made of them, as data."""
