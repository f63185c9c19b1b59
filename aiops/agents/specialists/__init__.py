"""The experts, one file each, registered by `@specialist`: what it looks at, with which tools, what it brings.

What they share is in `support/`.
"""
