"""What the tools are made of: the registry, the context, edits, access checks, redaction. No tool lives here."""
