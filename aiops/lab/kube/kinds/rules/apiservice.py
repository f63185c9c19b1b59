"""APIServices: which server answers for a group and version."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import invalid_value, required
from aiops.lab.kube.kinds.checks.formats import path_segment
from aiops.lab.kube.kinds.rules.base import Rules, rules


@rules("APIService")
class APIServiceRules(Rules):
    """As `ValidateAPIService`."""

    name_format = staticmethod(path_segment)

    def validate(self, new: Manifest) -> Iterator[Cause]:
        spec, name = new.get("spec") or {}, new["metadata"].get("name", "")
        wanted = f"{spec.get('version', '')}.{spec.get('group', '')}"
        if name != wanted:
            yield invalid_value("metadata.name", name, f'must be `spec.version+"."+spec.group`: "{wanted}"')
        if not spec.get("version"):
            yield required("spec.version")
        for field, most in (("groupPriorityMinimum", 20000), ("versionPriority", 1000)):
            value = spec.get(field, 0)
            if not 0 < value <= most:
                yield invalid_value(f"spec.{field}", value, f"must be positive and less than {most}")
        service = spec.get("service")
        if service is None:
            if spec.get("caBundle"):
                yield invalid_value(
                    "spec.caBundle", f"{len(spec['caBundle'])} bytes", "local APIServices may not have a caBundle"
                )
            if spec.get("insecureSkipTLSVerify"):
                yield invalid_value(
                    "spec.insecureSkipTLSVerify", True, "local APIServices may not have insecureSkipTLSVerify"
                )
            return
        for field in ("namespace", "name"):
            if not service.get(field):
                yield required(f"spec.service.{field}")
