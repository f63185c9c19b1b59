"""Root causes: `from_evidence` of a live cluster, as specialists observed it; `from_recordings`, as columns hold it."""
