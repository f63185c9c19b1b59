"""Queries whose answers are compared, one or more for each part of the language."""

from __future__ import annotations

SELECTORS = """
node_load1
node_load1{zone="east"}
node_load1{zone!="east"}
node_load1{node=~"a|b"}
node_load1{node!~"a|b"}
node_load1{node=~"a.*|.d"}
node_load1{nothing=""}
node_load1{nothing!=""}
node_load1{nothing=~".*"}
node_load1{zone=~".+"}
node_load1{zone=~""}
{__name__=~"node_load.*", zone="west"}
{__name__="node_load1"}
{__name__!="node_load1", job="node", kind!="total", os=""}
{job="node", __name__!~"node_(load1|info|memory.*)"}
node_load1{node="a", node!="b"}
node_load1{node=~"a", node="a"}
node_load1{node=~"[[:alpha:]]"}
node_load1{node=~"\\\\pL"}
node_load1{node=~"(?i)A"}
node_load1{node=~"x|(?i:A)"}
node_load1{node=~"(?U)a|^b$"}
node_load1{node=~"[\\\\w-]"}
node_load1{node=~"\\\\x61"}
node_load1{node!~"(|a)"}
nothing_of_this_name
http_requests_total{code=~"5..", service="cart"}
rare
flap
turn
odd
node_load1 offset 5m
node_load1 offset -5m
node_load1 offset 1m30s
node_load1 @ 1700001200
node_load1 @ 1700001200.5 offset 30s
node_load1 @ start()
node_load1 @ end()
node_load1 offset -1m @ end()
rare offset 3m
flap offset 1m
sum(node_load1 @ 1700001200) + time()
rate(http_requests_total{service="cart"}[5m] @ end())
rate(http_requests_total{service="cart"}[5m] offset 10m)
rate(http_requests_total{service="cart"}[5m] offset -3m)
rate(http_requests_total{service="cart"}[5m] @ 1700001200 offset 2m)
avg_over_time(node_load1[3m] @ start() offset -2m)
timestamp(node_load1)
timestamp(node_load1 offset 5m)
timestamp(node_load1 @ 1700001200)
timestamp((node_load1))
timestamp(-node_load1)
timestamp(rare)
timestamp(timestamp(rare))
"""

RATES = """
rate(http_requests_total[5m])
rate(http_requests_total[20s])
rate(http_requests_total[30s])
rate(http_requests_total[1m])
rate(http_requests_total[1h])
increase(http_requests_total[5m])
increase(http_requests_total[77s])
irate(http_requests_total[5m])
irate(http_requests_total[40s])
delta(node_temperature_celsius[10m])
idelta(node_temperature_celsius[10m])
delta(http_requests_total[3m])
idelta(http_requests_total[3m])
rate(http_request_duration_seconds_sum[2m])
rate(rising_total[5m])
increase(rising_total[10m])
irate(rising_total[5m])
rate(odd[5m])
increase(odd[3m])
irate(odd[3m])
delta(odd[3m])
idelta(odd[3m])
rate(rare[10m])
increase(rare[4m])
delta(rare[15m])
rate(flap[5m])
irate(flap[1m])
increase(jump[10m])
rate(jump[1m])
rate(turn[5m])
deriv(node_temperature_celsius[10m])
deriv(odd[2m])
deriv(rising_total[5m])
deriv(http_requests_total{service="geo"}[2m])
predict_linear(node_temperature_celsius[10m], 3600)
predict_linear(node_memory_bytes[20m], -60)
predict_linear(odd[2m], 60)
predict_linear(rising_total[5m], time() / 1e6)
holt_winters(node_temperature_celsius[10m], 0.5, 0.5)
holt_winters(node_load1[20m], 0.1, 0.9)
holt_winters(odd[3m], 0.3, 0.6)
holt_winters(rare[20m], 0.9, 0.1)
changes(node_load1[20m])
changes(odd[5m])
changes(http_requests_total{code="503"}[10m])
resets(http_requests_total[30m])
resets(node_load1[20m])
resets(odd[5m])
"""

OVER_TIME = (
    "\n".join(
        f"{name}_over_time({selector}[{window}])"
        for name in ("avg", "min", "max", "sum", "count", "last", "present", "stddev", "stdvar")
        for selector, window in (("node_temperature_celsius", "10m"), ("odd", "3m"), ("rare", "6m"), ("flap", "100s"))
    )
    + """
quantile_over_time(0.5, node_temperature_celsius[10m])
quantile_over_time(0.99, odd[3m])
quantile_over_time(-1, node_load1[10m])
quantile_over_time(1.1, node_load1[10m])
quantile_over_time(NaN, node_load1[10m])
quantile_over_time(scalar(node_load1{node="a"}) / 4, node_load1[10m])
sum_over_time(angle[10m])
avg_over_time(rising_total[20m])
stddev_over_time(rising_total[20m])
stdvar_over_time(node_memory_bytes[20m])
absent_over_time(node_load1[1m])
absent_over_time(node_load1{node="x"}[5m])
absent_over_time({job="node", node=~"x"}[5m])
absent_over_time(rare[1m])
last_over_time(http_requests_total{service="geo", code="200"}[5m])
count_over_time(http_requests_total{service="geo"}[15s])
min_over_time({__name__=~"node_load1|node_info"}[5m])
avg_over_time((node_load1[5m]))
"""
)

AGGREGATIONS = (
    "\n".join(
        f"{op}{clause} ({selector})"
        for op in ("sum", "avg", "min", "max", "count", "group", "stddev", "stdvar")
        for clause, selector in (
            ("", "node_temperature_celsius"),
            (" by (zone)", "node_temperature_celsius"),
            (" without (node, job)", "node_memory_bytes"),
            (" by (zone, missing)", "node_memory_bytes"),
            (" by (kind)", "odd"),
            ("", "odd"),
            (" by (i)", "flap"),
        )
    )
    + """
sum by (__name__) ({job="node"})
sum without (__name__, node) ({job="node"})
sum by () (node_load1)
sum without () (node_load1)
avg(odd{kind=~"inf|tenth"})
avg(odd{kind=~"neginf|tenth"})
avg(odd{kind=~"neginf|inf"})
sum(odd{kind=~"neginf|inf"})
max(odd{kind=~"nan|tenth"})
min(odd{kind=~"nan|tenth"})
max(odd{kind="nan"})
topk(2, node_temperature_celsius)
bottomk(2, node_temperature_celsius)
topk by (zone) (1, node_temperature_celsius)
bottomk without (node) (1, node_temperature_celsius)
topk(3, odd)
bottomk(3, odd)
topk(100, odd)
topk(0, odd)
topk(-1, odd)
topk(2.9, node_temperature_celsius)
topk(scalar(node_load1{node="a"}), node_temperature_celsius)
quantile(0.5, node_temperature_celsius)
quantile by (zone) (0.9, node_temperature_celsius)
quantile(-0.1, node_load1)
quantile(1.5, node_load1)
quantile(NaN, node_load1)
quantile(0.3, odd)
quantile(scalar(node_load1{node="a"}) / 4, node_temperature_celsius)
count_values("value", node_load1)
count_values by (zone) ("value", node_load1)
count_values without (node) ("value", node_load1)
count_values("zone", node_load1)
count_values("value", odd)
count_values("value", node_memory_bytes)
count_values("value", node_temperature_celsius)
sum(sum by (zone) (node_load1))
max(count by (code) (http_requests_total)) - 1
sum by (service) (rate(http_requests_total{code=~"5.."}[5m])) / sum by (service) (rate(http_requests_total[5m]))
sum by (zone) (node_load1) or sum(node_load1)
"""
)

OPERATORS = """
1 + 2
7 % 3
-7 % 3
7 % -3
2 ^ 10
2 ^ 3 ^ 2
-2 ^ 2
1 / 0
-1 / 0
0 / 0
1 atan2 2
1 == bool 1
1 > bool 2
NaN == bool NaN
NaN != bool NaN
Inf
-Inf + 1
0x1F
1e-7
1e21
123456789012345678
0.1 + 0.2
"a string"
'it''s'
time()
pi()
node_load1 + 1
1 - node_load1
node_load1 / 0
0 / node_load1
node_load1 % 2
odd % 3
odd ^ 2
2 ^ odd
odd atan2 2
odd * 0
odd > 0
odd < 0
odd == 0
odd != 0
odd >= 0.1
odd <= -Inf
odd > bool 0
odd == bool NaN
0 < odd
1 < bool odd
-odd
+odd
-(-node_load1)
-node_load1 ^ 2
node_load1 > 1
2 > node_load1
node_load1 == 1 or node_load1 == 3
node_load1 and node_load1 > 1
node_load1 unless node_load1 > 1
node_load1 or node_temperature_celsius
node_load1 and on (zone) node_load1{node="a"}
node_load1 unless on (zone) node_load1{node="a"}
node_load1 or on (zone) node_temperature_celsius{node="c"}
node_load1 and ignoring (kind) node_memory_bytes
node_load1 or ignoring (kind) node_memory_bytes
node_load1 and on () vector(1)
node_load1 and on () vector(1) > 2
node_load1 + node_temperature_celsius
node_load1 + on (node) node_temperature_celsius
node_load1 + ignoring (job) node_temperature_celsius
node_load1 > node_temperature_celsius
node_load1 < node_temperature_celsius
node_load1 < on (node) node_temperature_celsius
node_load1 < bool node_temperature_celsius
node_load1 < bool on (node) node_temperature_celsius
node_load1 * on (node) group_left (version) node_info
node_load1 * on (node) group_left () node_info
node_load1 * on (node) group_left (version, os, nothing) node_info
node_load1 < on (node) group_left (version) node_temperature_celsius
node_info * on (node) group_right () node_memory_bytes
node_info * on (node) group_right (os) node_memory_bytes
node_info < on (node) group_right (os) node_memory_bytes
node_info < bool on (node) group_right (os) node_memory_bytes
node_memory_bytes{kind="free"} / ignoring (kind) node_memory_bytes{kind="total"}
node_memory_bytes / ignoring (kind) group_left node_memory_bytes{kind="total"}
node_memory_bytes / ignoring (kind) node_memory_bytes{kind="total"}
node_load1 + on (zone) node_temperature_celsius
node_load1 * on (zone) group_left () node_info
node_memory_bytes * on (zone) group_left () node_load1
sum by (zone) (node_load1) * on (zone) group_right () node_memory_bytes
node_memory_bytes + on (node) group_left (kind) node_load1
node_memory_bytes == node_memory_bytes
odd == odd
odd != odd
nothing + node_load1
node_load1 + nothing
node_load1 or nothing
nothing or node_load1
node_load1 unless nothing
flap + 1
flap * on (i) flap
flap or rare
turn * 2
turn + on (app) turn
sum by (app) (turn)
1 + 2 * 3 - 4 / 5 % 3 ^ 2
(1 + 2) * 3
node_load1 + 1 > 2 and node_load1 < 10 or node_temperature_celsius
scalar(sum(node_load1)) * node_load1
-sum(node_load1)
"""

_MATH = """abs ceil floor exp sqrt ln log2 log10 sgn sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh deg rad
round"""

FUNCTIONS = (
    "\n".join(f"{name}({argument})" for name in _MATH.split() for argument in ("odd", "angle"))
    + """
round(odd, 0.5)
round(node_temperature_celsius, 10)
round(node_temperature_celsius, 0.1)
round(angle, 0)
round(angle, -0.3)
clamp(node_temperature_celsius, 15, 22)
clamp(node_temperature_celsius, 22, 15)
clamp(odd, -1, 1)
clamp(odd, NaN, 1)
clamp(odd, 0, NaN)
clamp_min(odd, 0)
clamp_max(odd, 0)
clamp_min(odd, NaN)
clamp_max(odd, scalar(node_load1{node="a"}))
absent(node_load1)
absent(node_load1{node="x"})
absent(node_load1{node="x", zone=~"y", job="z", job!="q"})
absent(node_load1{node="x", node="y"})
absent((node_load1{node="x"}))
absent(node_load1{node="x"} @ 1700001200)
absent(sum(node_load1{node="x"}))
absent({__name__="nothing_here", a="b"})
absent(rare)
scalar(node_load1)
scalar(node_load1{node="a"})
scalar(nothing)
vector(1)
vector(time())
vector(scalar(node_load1{node="a"}))
sort(node_temperature_celsius)
sort_desc(node_temperature_celsius)
sort(odd)
sort_desc(odd)
histogram_quantile(0.9, http_request_duration_seconds_bucket)
histogram_quantile(0.5, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))
histogram_quantile(0.99, sum by (le, service) (rate(http_request_duration_seconds_bucket[1m])))
histogram_quantile(0, http_request_duration_seconds_bucket)
histogram_quantile(1, http_request_duration_seconds_bucket)
histogram_quantile(-1, http_request_duration_seconds_bucket)
histogram_quantile(2, http_request_duration_seconds_bucket)
histogram_quantile(NaN, http_request_duration_seconds_bucket)
histogram_quantile(0.5, http_request_duration_seconds_bucket{le!="+Inf"})
histogram_quantile(0.5, http_request_duration_seconds_bucket{le="+Inf"})
histogram_quantile(0.5, http_request_duration_seconds_bucket{le=~"0.5|1|\\\\+Inf"})
histogram_quantile(0.5, node_load1)
histogram_quantile(0.5, rate(http_request_duration_seconds_bucket[5m]) * 0)
histogram_quantile(0.5, -http_request_duration_seconds_bucket)
histogram_quantile(0.9, label_replace(node_load1, "le", "$1", "node", "(.*)"))
histogram_quantile(0.5, label_replace(node_load1, "le", "Inf", "node", "d"))
histogram_quantile(scalar(node_load1{node="a"}) / 3, http_request_duration_seconds_bucket{service="geo"})
histogram_count(node_load1)
histogram_sum(node_load1)
histogram_fraction(0, 1, node_load1)
label_replace(node_load1, "host", "$1", "node", "(.*)")
label_replace(node_load1, "host", "x-$1-$2", "node", "(a|b)(.*)")
label_replace(node_load1, "host", "${name}", "node", "(?P<name>.*)")
label_replace(node_load1, "host", "$$1$", "node", "(.*)")
label_replace(node_load1, "host", "$10", "node", "(.*)")
label_replace(node_load1, "host", "$1_", "node", "(.*)")
label_replace(node_load1, "host", "fixed", "nothing", "")
label_replace(node_load1, "host", "fixed", "nothing", ".+")
label_replace(node_load1, "zone", "", "", "")
label_replace(node_load1, "node", "same", "zone", ".*")
label_replace(node_load1, "__name__", "other", "", "")
label_replace(node_load1, "__name__", "", "", "")
label_replace(node_load1, "bad label", "x", "node", ".*")
label_replace(node_load1, "", "x", "node", ".*")
label_replace(node_load1, "host", "x", "bad source", ".*")
label_replace(node_load1, "host", "x", "node", "(")
label_replace(flap, "i", "one", "i", ".*")
label_replace(turn, "pod", "", "", "")
label_join(node_load1, "place", "/", "zone", "node")
label_join(node_load1, "place", "")
label_join(node_load1, "zone", "-", "nothing")
label_join(node_load1, "place", ",", "zone", "nothing", "node")
label_join(node_load1, "node", ",", "zone")
label_join(node_load1, "bad label", ",", "zone")
label_join(node_load1, "place", ",", "bad source")
hour()
minute()
month()
year()
day_of_month()
day_of_week()
day_of_year()
days_in_month()
hour(node_boot_time_seconds)
minute(node_boot_time_seconds)
month(node_boot_time_seconds)
year(node_boot_time_seconds)
day_of_month(node_boot_time_seconds)
day_of_week(node_boot_time_seconds)
day_of_year(node_boot_time_seconds)
days_in_month(node_boot_time_seconds)
year(vector(-1))
day_of_week(vector(-86401.5))
hour(vector(1e15))
month(vector(951868799))
time() - node_boot_time_seconds
rate({__name__=~"node_load1|node_temperature_celsius"}[5m])
abs({__name__=~"node_load1|node_temperature_celsius"})
-{__name__=~"node_load1|node_temperature_celsius"}
last_over_time({__name__=~"node_load1|node_temperature_celsius"}[5m])
label_replace({__name__=~"turn|flap"}, "__name__", "x", "", "")
"""
)

SUBQUERIES = """
max_over_time(node_load1[10m:1m])
max_over_time(node_load1[10m:])
avg_over_time(rate(http_requests_total{service="cart"}[1m])[5m:30s])
max_over_time(sum by (service) (rate(http_requests_total[1m]))[10m:1m])
rate(http_requests_total[10m:1m])
increase(http_requests_total{service="geo"}[7m:13s])
deriv(rate(http_requests_total{service="user"}[2m])[10m:1m])
sum_over_time(vector(1)[5m:1m])
sum_over_time(time()[5m:1m])
count_over_time(rare[20m:1m])
last_over_time(flap[2m:15s])
min_over_time(node_load1[5m:1m] offset 3m)
min_over_time(node_load1[5m:1m] offset -3m)
min_over_time(node_load1[5m:1m] @ end())
min_over_time(node_load1[5m:1m] @ 1700001200 offset 1m)
max_over_time((node_load1 @ end())[5m:1m])
max_over_time((node_load1 offset 5m)[5m:1m])
max_over_time(max_over_time(node_load1[3m:1m])[5m:1m])
quantile_over_time(0.9, sum(node_load1)[10m:45s])
stddev_over_time((node_load1 > 1)[10m:30s])
changes(label_replace(turn, "pod", "", "", "")[10m:15s])
absent_over_time(nothing[5m:1m])
absent_over_time(sum(nothing)[5m:1m])
absent_over_time(nothing{a="b"}[5m:1m])
timestamp(node_load1)[3m:1m]
node_load1[2m:30s]
sum(node_load1)[3m:1m]
count_over_time(timestamp(node_load1)[5m:1m])
topk(1, max_over_time(node_temperature_celsius[10m:1m]))
holt_winters(sum(node_load1)[20m:1m], 0.4, 0.4)
avg_over_time(count_values("v", node_load1)[5m:1m])
sum_over_time((turn * 2)[5m:15s])
max_over_time(topk(1, node_temperature_celsius)[5m:1m])
rate({__name__=~"node_load1|node_info"}[5m:1m])
"""

RAW = """
node_load1[2m]
http_requests_total{service="cart", instance="2", code="200"}[3m]
flap[90s]
turn[4m]
odd[1m]
node_load1[2m] offset 1m
node_load1[2m] @ 1700001200
nothing[5m]
(node_load1[1m])
{__name__=~"node_load1|rare"}[90s]
"""

REFUSED = """

sum(
rate(node_load1)
rate(node_load1[5m]
nonsense(node_load1)
mad_over_time(node_load1[5m])
limitk(1, node_load1)
sort_by_label(node_load1, "node")
double_exponential_smoothing(node_load1[5m], 0.5, 0.5)
histogram_avg(node_load1)
info(node_load1)
start()
node_load1{zone="east" or zone="west"}
sum by (zone) node_load1
node_load1 + fill(0) node_load1
{}
{zone=~".*"}
node_load1{__name__="x"}
1 == 1
1 and 1
node_load1 and 1
node_load1 + bool 1
node_load1 and on (node) group_left () node_load1
node_load1 * on (node) group_left (node) node_info
topk(node_load1, node_load1)
topk("1", node_load1)
count_values(1, node_load1)
count_values("bad label", node_load1)
sum(node_load1, node_load1)
sum(1)
sum("x")
sum(node_load1[5m])
-"x"
-node_load1[5m]
node_load1[5m] + 1
"x" + 1
node_load1 offset 1m offset 1m
node_load1 @ 1 @ 2
node_load1[5m][5m]
sum(node_load1)[5m]
node_load1[0s]
node_load1[5m:0s]
node_load1[-5m]
node_load1[5]
node_load1[1m1h]
node_load1{zone=~"("}
node_load1{zone=~"(?=east)"}
node_load1{zone=~"(e)\\\\1"}
node_load1{zone=~"e++"}
node_load1{zone=~"x{1001}"}
label_replace(node_load1, "a", "$1", "node", "(a)(?!b)")
node_load1{zone=east}
label_replace(node_load1, "a", "b", "c")
label_join(node_load1, "a")
round(node_load1, 1, 2)
abs()
time(1)
vector(node_load1)
scalar(1)
histogram_quantile(node_load1, node_load1)
absent(1)
absent(node_load1[5m])
holt_winters(node_load1[20m], 0, 0.5)
holt_winters(node_load1[20m], 0.5, 1)
holt_winters(node_load1[20m], 2, 0.5)
topk(NaN, node_load1)
topk(1e30, node_load1)
bottomk(Inf, node_load1)
1_000
node_load1 offset
node_load1 @ foo
"unclosed
node_load1}
(node_load1
node_load1 node_load1
sum without zone (node_load1)
"""

PARTS = {
    "selectors": SELECTORS,
    "rates": RATES,
    "over_time": OVER_TIME,
    "aggregations": AGGREGATIONS,
    "operators": OPERATORS,
    "functions": FUNCTIONS,
    "subqueries": SUBQUERIES,
    "raw": RAW,
    "refused": REFUSED,
}

QUERIES = {
    part: text.strip("\n").split("\n") if part != "refused" else text[1:-1].split("\n") for part, text in PARTS.items()
}
