"""Recorded cases, as folders of tables: readers, and what `aiops diagnose` says of them. One file each layout."""
