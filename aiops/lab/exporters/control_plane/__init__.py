"""What the components of the control plane tell of themselves. Nothing here reads the flow of requests of users."""
