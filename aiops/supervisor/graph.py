"""The incident state machine: one typed graph, checkpointed after every step."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from aiops.agents.registry import SPECIALISTS
from aiops.core.action import Outcome
from aiops.supervisor.nodes.act import act
from aiops.supervisor.nodes.baseline import baseline
from aiops.supervisor.nodes.correlate import correlate
from aiops.supervisor.nodes.diagnose import diagnose
from aiops.supervisor.nodes.gate import gate
from aiops.supervisor.nodes.investigate import investigate
from aiops.supervisor.nodes.keep import keep
from aiops.supervisor.nodes.plan import plan
from aiops.supervisor.nodes.recovery import recovery
from aiops.supervisor.nodes.report import report
from aiops.supervisor.nodes.scope import scope
from aiops.supervisor.nodes.undo import undo
from aiops.supervisor.nodes.verify import verify
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState

IncidentGraph = CompiledStateGraph[GraphState, None, GraphState, GraphState]


def build(services: Services, saver: BaseCheckpointSaver[Any]) -> IncidentGraph:
    """correlate, scope, specialists, diagnose, recovery, plan, gate, last look, baseline, act, verify, report; and
    the ways out where all is well without a further change; and the ways back:
    from a denied proposal to the next one, from a change that did not help to its undo and a new look, from one
    that cured one of two causes to a new look, and to a new look where somebody else changed the same object first."""
    graph: StateGraph[GraphState, None, GraphState, GraphState] = StateGraph(GraphState)

    def add(name: str, node: Callable[[Services, GraphState], Awaitable[GraphState]]) -> None:
        graph.add_node(name, partial(node, services))

    add("correlate", correlate)
    add("scope", scope)
    add("diagnose", diagnose)
    add("recovery", partial(recovery, step="diagnosed"))
    add("plan", plan)
    add("gate", gate)
    add("last look", partial(recovery, step="approved"))
    add("baseline", baseline)
    add("act", act)
    add("verify", verify)
    add("undo", undo)
    add("keep", keep)
    add("report", report)
    graph.add_edge(START, "correlate")
    graph.add_edge("correlate", "scope")
    specialists = list(SPECIALISTS)
    for specialist in specialists:
        graph.add_node(specialist.name, partial(investigate, services, specialist))
        graph.add_edge("scope", specialist.name)
    graph.add_edge([specialist.name for specialist in specialists], "diagnose")
    graph.add_conditional_edges("diagnose", _after_diagnose, ["recovery", "report"])
    graph.add_conditional_edges("recovery", _decided("plan"), ["plan", "report"])
    graph.add_conditional_edges("plan", _decided("gate"), ["gate", "report"])
    graph.add_conditional_edges("gate", _after_gate, ["last look", "plan"])
    graph.add_conditional_edges("last look", _decided("baseline"), ["baseline", "report"])
    graph.add_edge("baseline", "act")
    graph.add_conditional_edges("act", _after_act, ["verify", "scope", "report"])
    graph.add_conditional_edges("verify", _after_verify, ["undo", "keep", "report"])
    graph.add_conditional_edges("undo", _decided("scope"), ["scope", "report"])
    graph.add_edge("keep", "scope")
    graph.add_edge("report", END)
    return graph.compile(checkpointer=saver)


# LangGraph runs a plain function in a thread: other incidents would let time pass meanwhile, more or less of it as the
# machine is busy or not, and the same incident would take another course.


def _decided(otherwise: str) -> Callable[[GraphState], Awaitable[str]]:
    """To the report where the incident's outcome is known, else on."""

    async def route(state: GraphState) -> str:
        return "report" if state.get("outcome") else otherwise

    return route


async def _after_diagnose(state: GraphState) -> str:
    """Also where no fault is found after a change was kept, the oracles say whether all is well."""
    return "recovery" if state["diagnosis"].fault or state["kept"] else "report"


async def _after_gate(state: GraphState) -> str:
    return "last look" if state["approved"] else "plan"


async def _after_act(state: GraphState) -> str:
    if state.get("outcome"):
        return "report"
    return "verify" if state.get("action") else "scope"


async def _after_verify(state: GraphState) -> str:
    if state["verdict"].outcome is Outcome.BETTER:
        return "report"
    return "keep" if state["stays"] else "undo"
