"""An object as its kind's types have it, for writers inside the process."""

from __future__ import annotations

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import bad_request
from aiops.lab.kube.schema.decode import DecodingError, decode


def typed(manifest: Manifest) -> Manifest:
    """The object as the API server would decode and keep it. Raises 400."""
    api_version, kind = str(manifest["apiVersion"]), str(manifest["kind"])
    try:
        return decode(manifest, api_version, kind).manifest
    except DecodingError as error:
        version = api_version.rpartition("/")[2]
        raise bad_request(f'{kind} in version "{version}" cannot be handled as a {kind}: {error}') from error
