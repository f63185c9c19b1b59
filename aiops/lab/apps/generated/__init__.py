"""Applications that nobody wrote: drawn from a seed, from ten services to four hundred.

`topology` draws who calls whom, `services` what each is and does, `sizing` gives everything what it needs at its load,
`application` puts them together.
"""

from aiops.lab.apps.generated.application import FEWEST, MOST, random_application

__all__ = ["FEWEST", "MOST", "random_application"]
