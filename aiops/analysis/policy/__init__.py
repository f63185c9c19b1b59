"""What NetworkPolicies allow, and the smallest change that allows one more thing."""
