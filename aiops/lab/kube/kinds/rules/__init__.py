"""The rules of each kind: a file here is a family of kinds, and all of it that the API server knows of them."""
