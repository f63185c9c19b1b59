"""The Common Expression Language, as custom resources, webhooks and admission policies use it.

The language itself is the package `common-expression-language` (cel-rust); `functions` has what Kubernetes adds to it.
It checks no types before it runs, so a wrong rule is noticed with the first object; that object is refused.
"""
