"""What the API server knows of each kind: its place in the API, defaults, allocation, validation."""
