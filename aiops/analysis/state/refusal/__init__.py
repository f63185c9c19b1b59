"""Which object refuses a pod, read from the API server's words."""
