"""The Kubernetes API: objects and their rules, served over HTTP. Knows nothing of controllers or traffic.

store = ObjectStore(now=clock.now, rng=Random(7))
bootstrap(store)
app = kubernetes_app(store, tokens={"secret": User("admin", ("system:masters",))}, logs=runtime.logs)
"""

from aiops.lab.kube.access.user import MASTERS, User, service_account
from aiops.lab.kube.api.app import kubernetes_app
from aiops.lab.kube.bootstrap import bootstrap
from aiops.lab.kube.storage.store import ObjectStore

__all__ = ["MASTERS", "ObjectStore", "User", "bootstrap", "kubernetes_app", "service_account"]
