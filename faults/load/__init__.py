"""What users and clients ask for."""
