"""Which pods are failing."""

from __future__ import annotations

from aiops.agents.ask.asking import Asking
from aiops.agents.ask.registry import Shape, question
from aiops.core.clock import rfc3339
from aiops.tools.pods_and_events import pods_and_events

MOST = 500


@question(
    name="failing_pods",
    examples=("Which pods are failing in NAMESPACE?",),
    shapes=(
        Shape(
            (("pod",), ("failing", "waiting", "wrong")),
            helps=("count",),
            never=("why", "log", "may", "impact", "change"),
        ),
        Shape((("waiting",),), never=("why", "log", "may", "impact", "change", "node", "slow")),
    ),
)
async def failing_pods(ask: Asking) -> None:
    """Pods that are not well, and what their containers say."""
    found = await ask.read(pods_and_events, ask.namespace, limit=MOST)
    if found is None:
        ask.refuse("The pods could not be read.")
        return
    cited = ask.cite(pods_and_events, f"{len(found.pods)} pods", namespace=ask.namespace, limit=MOST)
    meant = {workload for subject in ask.question.subjects for workload in ask.known.workloads(subject)}
    pods = [pod for pod in found.pods if not meant or pod.workload in meant]
    failing = [pod for pod in pods if pod.problems]
    rest = f", and {found.left_out} pods or events were not looked at" if found.left_out else ""
    place = f"of {', '.join(map(str, sorted(meant, key=str)))}" if meant else ask.where()
    if not failing:
        ask.say(f"None of the {len(pods)} pods {place} is failing{rest}.", cited)
        return
    now = [pod for pod in failing if not pod.ready]
    before = len(failing) - len(now)
    text = f"{len(now)} of the {len(pods)} pods {place} {'is' if len(now) == 1 else 'are'} failing now"
    ask.say(f"{text}{f'; {before} more had trouble before' if before else ''}{rest}.", cited)
    rows = [
        (
            pod.entity.namespace,
            pod.entity.name,
            "no" if not pod.ready else "yes",
            "; ".join(pod.problems),
            rfc3339(pod.created_at),
        )
        for pod in sorted(failing, key=lambda pod: (pod.ready, str(pod.entity)))
    ]
    ask.table(("namespace", "pod", "ready", "problem", "created"), rows)
