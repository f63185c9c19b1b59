"""What values of fields must look like, and how the API server says that they don't."""
