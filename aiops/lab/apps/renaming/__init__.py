"""An application under other names: nothing may rest on what a thing is called. `names` draws them, `rewriting` puts
them in place."""

from aiops.lab.apps.renaming.rewriting import renamed

__all__ = ["renamed"]
