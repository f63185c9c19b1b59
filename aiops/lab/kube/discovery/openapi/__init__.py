"""OpenAPI of what a cluster serves, made when somebody asks: one document for all (v2), one for each group (v3)."""
