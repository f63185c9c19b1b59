"""Names, certificates, credentials and rights."""
