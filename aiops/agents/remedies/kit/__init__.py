"""What remedies are made of: the registry, and ways to undo a change of before. No remedy lives here."""
