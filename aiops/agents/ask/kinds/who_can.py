"""Who may do what, by roles and bindings."""

from __future__ import annotations

from aiops.agents.ask.asking import Asking
from aiops.agents.ask.registry import Shape, question
from aiops.agents.ask.understanding import Question
from aiops.analysis.policy.rbac import BINDINGS, ROLES, Grant, who_can
from aiops.clients.kinds import RESOURCES, Resource
from aiops.tools.list_objects import list_objects

VERBS: dict[str, tuple[str, ...]] = {
    "read": ("get", "list", "watch"),
    "see": ("get", "list"),
    "view": ("get", "list"),
    "look": ("get", "list"),
    "get": ("get",),
    "list": ("list",),
    "watch": ("watch",),
    "create": ("create",),
    "add": ("create",),
    "delete": ("delete",),
    "remove": ("delete",),
    "destroy": ("delete",),
    "patch": ("patch",),
    "update": ("update", "patch"),
    "edit": ("update", "patch"),
    "modify": ("update", "patch"),
    "change": ("update", "patch"),
    "write": ("create", "update", "patch"),
    "scale": ("update", "patch"),
    "exec": ("create",),
    "execute": ("create",),
    "impersonate": ("impersonate",),
    "bind": ("bind",),
    "escalate": ("escalate",),
}
PARTS = {"exec": "exec", "execute": "exec", "scale": "scale"}
ALIASES = {"hpa": "HorizontalPodAutoscaler", "pvc": "PersistentVolumeClaim", "pvcs": "PersistentVolumeClaim"}
WORDS = {word: kind for kind, r in RESOURCES.items() for word in (r.plural, kind.lower())} | ALIASES
DEFAULT_VERBS = ("get", "list")
"""What "access to" means where no verb is named."""


@question(
    name="who_can",
    examples=("Who can read secrets in NAMESPACE?",),
    shapes=(
        Shape((("who", "self"), ("may",), ("verb", "resource")), never=("impact", "if", "why")),
        Shape((("may",), ("verb",), ("resource",)), never=("impact", "if", "why")),
    ),
)
async def who_may(ask: Asking) -> None:
    """The subjects of every binding whose role allows it; of one account, whether it is among them."""
    wanted = _wanted(ask.question)
    if wanted is None:
        ask.refuse("Which kind of object do you mean: pods, secrets, configmaps, deployments ...?")
        return
    resource, part, verbs = wanted
    objects = [item for kind in (*ROLES, *BINDINGS) for item in await ask.objects(kind, _home(ask, kind))]
    namespace = ask.namespace if resource.namespaced else ""
    name = f"{resource.plural}/{part}" if part else resource.plural
    grants = {verb: who_can(objects, verb, name, resource.group, namespace) for verb in verbs}
    accounts = _accounts(ask)
    rows = _rows({v: [g for g in found if not accounts or g.subject.name in accounts] for v, found in grants.items()})
    where = f"in namespace {namespace}" if namespace else "in the whole cluster"
    what = f"{' or '.join(verbs)} {name} {where}"
    cites = [ask.cite(list_objects, f"{kind}s", kind=kind, namespace=_home(ask, kind)) for kind in (*BINDINGS, *ROLES)]
    who = f"the service account {', '.join(sorted(accounts))}"
    if not rows:
        verdict = f"{who} may not {what}" if accounts else f"nobody may {what}"
        ask.say(f"By the roles and bindings {'that could be read' if ask.blind else 'here'}, {verdict}.", *cites)
    else:
        names = list(dict.fromkeys(row[0] for row in rows))
        ask.say(f"{len(names)} subject{'s' if len(names) > 1 else ''} may {what}: {', '.join(names[:10])}.", *cites)
        ask.table(("who", "verbs", "binding", "role"), rows)
    if resource.namespaced and not namespace:
        ask.say("Rights in single namespaces are not counted here: name a namespace to see them.")


def _accounts(ask: Asking) -> set[str]:
    """The service accounts that the question names."""
    names = {word.name for word in ask.question.words if word.name}
    return {name for name in names if any(e.kind == "ServiceAccount" for e in ask.known.entities.get(name, ()))}


def _home(ask: Asking, kind: str) -> str:
    return ask.namespace if RESOURCES[kind].namespaced else ""


def _wanted(question: Question) -> tuple[Resource, str, tuple[str, ...]] | None:
    """The resource, its part and the verbs; "read the logs of pods" is a part of pods."""
    words = [word.text for word in question.words if not word.name]
    verb = next((word for word in words if word in VERBS), "")
    verbs = VERBS.get(verb, DEFAULT_VERBS)
    if "logs" in words or "log" in words:
        return RESOURCES["Pod"], "log", ("get",)
    named = [WORDS[word] for word in words if word in WORDS and word != "namespace"]
    kind = next((one for one in named if one != "ServiceAccount"), named[0] if named else None)
    part = PARTS.get(verb, "")
    if part == "exec":
        kind = "Pod"
    return None if kind is None else (RESOURCES[kind], part, verbs)


def _rows(grants: dict[str, list[Grant]]) -> list[tuple[str, str, str, str]]:
    found: dict[tuple[str, str, str], list[str]] = {}
    for verb, items in grants.items():
        for grant in items:
            found.setdefault((str(grant.subject), str(grant.binding), str(grant.role)), []).append(verb)
    return [(who, ", ".join(verbs), binding, role) for (who, binding, role), verbs in sorted(found.items())]
