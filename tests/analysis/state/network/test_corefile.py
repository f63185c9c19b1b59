"""What a Corefile says of names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.state.network.corefile import cluster_zones, directives, name_rules

TEXT = """
.:53 {
    errors
    health {
        lameduck 5s
    }
    rewrite stop name exact cart.shop.svc.cluster.local nobody.example.com  # a remark
    rewrite {
        name suffix .corp.example.com .svc.cluster.local
    }
    hosts {
        10.1.2.3 web.shop.svc.cluster.local web
        fallthrough
    }
    template ANY ANY internal.example.com {
        rcode NXDOMAIN
    }
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
    }
    forward . /etc/resolv.conf
}
"""


def test_the_zones_of_services() -> None:
    assert cluster_zones(TEXT) == ("cluster.local",)


@pytest.mark.parametrize(
    ("name", "plugins"),
    [
        ("cart.shop.svc.cluster.local", ["rewrite"]),
        ("web.shop.svc.cluster.local", ["hosts"]),
        ("a.corp.example.com", ["rewrite"]),
        ("a.internal.example.com", ["template"]),
        ("geo.shop.svc.cluster.local", []),
    ],
)
def test_rules_that_take_a_name(name: str, plugins: list[str]) -> None:
    assert [rule.plugin for rule in name_rules(TEXT) if rule.meets(name)] == plugins


@pytest.mark.parametrize(
    ("rule", "name", "meets"),
    [
        ("rewrite name cart.shop.svc.cluster.local a.b", "cart.shop.svc.cluster.local", True),
        ("rewrite name prefix cart. kart.", "cart.shop.svc.cluster.local", True),
        ("rewrite name substring shop.svc store.svc", "cart.shop.svc.cluster.local", True),
        (r"rewrite name regex (.*)\.shop\.svc\.cluster\.local a.b", "cart.shop.svc.cluster.local", True),
        ("rewrite name regex ( a", "cart.shop.svc.cluster.local", False),
        ("rewrite ttl exact cart.shop.svc.cluster.local 5", "cart.shop.svc.cluster.local", False),
    ],
)
def test_ways_to_match(rule: str, name: str, meets: bool) -> None:
    rules = name_rules(f".:53 {{\n{rule}\n}}\n")
    assert any(one.meets(name) for one in rules) is meets


WORDS = [
    *("{", "}", "\n", "\n", "#", ".:53", "kubernetes", "cluster.local", "in-addr.arpa", "rewrite", "continue", "name"),
    *("exact", "regex", "(", "hosts", "10.0.0.9", "template", "IN", "A", "match", "a.example.com."),
]


@given(st.text(alphabet="{} \n#abc.", max_size=80) | st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join))
def test_of_any_text_only_what_it_says_is_read(text: str) -> None:
    for one in directives(text):
        assert one.words
        assert all(word in text for word in (*one.words, *(word for line in one.block for word in line)))
    for rule in name_rules(text):
        assert rule.name in text
        assert rule.meets("x") in (True, False)
    for zone in cluster_zones(text):
        assert zone in text
        assert not zone.endswith(".arpa")
