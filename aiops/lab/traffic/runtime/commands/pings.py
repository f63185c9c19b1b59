"""`ping`, as iputils words it: whether packets arrive, and how long they take."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from aiops.lab.ports import ExecResult
from aiops.lab.traffic.network.trips import Trip
from aiops.lab.traffic.runtime.commands.connections import split_options
from aiops.lab.traffic.runtime.commands.inside import Inside, failed

_VALUED = ("-c", "-W", "-w", "-i", "-s", "-I")
_LOCAL = "127.0.0.1"
_USUAL = 0.0003
"""Seconds of a round trip within a data centre."""

_PATIENCE = 10.0
"""Seconds for which an answer is waited for after the last packet."""

_MOST = 20
"""An endless `ping` is cut off after so many packets."""


def ping(inside: Inside, arguments: Sequence[str]) -> ExecResult:
    """Names are looked up; an address answers where a pod has it and policies let the client in. Services have no one
    to answer. A packet a second is sent."""
    options, words = split_options(arguments, _VALUED)
    count = min(int(options["-c"]), _MOST) if options.get("-c", "").isdecimal() else 4
    host = words[0] if words else ""
    answer = inside.dns.resolve(host) if host else None
    if answer is None or not answer.addresses:
        return failed(2, f"ping: {host}: Name or service not known")
    address = answer.addresses[0]
    limit = float(options["-W"]) if options.get("-W", "").isdecimal() else _PATIENCE
    trips = _round_trips(inside, address, count)
    came = {number: 1000 * trip for number, trip in enumerate(trips) if trip is not None and trip <= limit}
    waited = max(count - 1.0, 0.0) + (came[count - 1] / 1000 if count - 1 in came else limit)
    text = f"PING {host} ({address}) 56(84) bytes of data.\n"
    for number, milliseconds in came.items():
        text += f"64 bytes from {address}: icmp_seq={number + 1} ttl=63 time={milliseconds:.3g} ms\n"
    lost = 100 * (count - len(came)) // max(count, 1)
    text += f"\n--- {host} ping statistics ---\n{count} packets transmitted, {len(came)} received, "
    text += f"{lost}% packet loss, time {1000 * waited:.0f}ms\n{_summary(list(came.values()))}"
    return ExecResult(0 if came else 1, text, "", waited)


def _summary(milliseconds: Sequence[float]) -> str:
    if not milliseconds:
        return ""
    mean = sum(milliseconds) / len(milliseconds)
    deviation = sqrt(max(sum(each * each for each in milliseconds) / len(milliseconds) - mean * mean, 0.0))
    shown = (min(milliseconds), mean, max(milliseconds), deviation)
    return f"rtt min/avg/max/mdev = {'/'.join(f'{each:.3f}' for each in shown)} ms\n"


def _round_trips(inside: Inside, address: str, count: int) -> list[float | None]:
    """Seconds of each packet's round trip; None where no answer comes."""
    if address in (_LOCAL, inside.address):
        return [_USUAL / 10] * count
    network, client = inside.network(), inside.peer
    server = network.pod_at(address)
    if server is None or client is None or not network.policies.allows(client, server, 0, "ICMP"):
        return [None] * count
    trip = Trip(inside.way(server, _PATIENCE), inside.key(address))
    sent_again = bool(trip.way.dropped or trip.way.broken)
    if trip.lost and not sent_again:
        return [None] * count
    usual = [_USUAL * (1.0 + 0.2 * trip.share(number)) for number in range(count)]
    late = [trip.way.delay - trip.way.again if sent_again else trip.seconds(number) for number in range(count)]
    return [
        None if trip.dropped(2 * number) or trip.dropped(2 * number + 1) else usual[number] + late[number]
        for number in range(count)
    ]
