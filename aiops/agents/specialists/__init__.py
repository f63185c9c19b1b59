"""The experts, one file each: what it looks at, with which tools, what it brings. Registered by `@specialist`."""
