"""Admission by expressions: ValidatingAdmissionPolicies, and the match conditions of webhooks."""
