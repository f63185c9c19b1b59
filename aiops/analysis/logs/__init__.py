"""Log lines to templates, and what changed between two windows of templates."""
