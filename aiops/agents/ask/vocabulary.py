"""The words that questions about a cluster are made of, and what each of them speaks of."""

from __future__ import annotations

CONCEPTS: dict[str, str] = {
    "pod": "pod pods container containers",
    "failing": (
        "failing fail fails failed failure failures broken breaking crash crashes crashing crashed crashloop "
        "crashlooping crashloopbackoff erroring error errors unhealthy down dead dying sick evicted oomkilled oom "
        "unavailable outage unreachable 5xx 500s"
    ),
    "waiting": "pending stuck waiting unschedulable unscheduled imagepullbackoff errimagepull notready unready restarting restarts restarted restart-loop",
    "wrong": "wrong problem problems issue issues trouble troubles matter amiss weird odd complaint complaints",
    "healthy": "healthy health ok okay fine well alright green good running status state doing condition shape",
    "slow": "slow slower slowly slowness latency lag laggy lagging sluggish delay delayed delays timeout timeouts timing hanging hangs forever",
    "why": "why cause causes caused causing reason reasons diagnose investigate rootcause root culprit explanation explains behind makes making",
    "change": (
        "change changes changed deploy deploys deployed rollout rollouts rolled release released modified modify edited "
        "edit edits updated update updates altered touched applied pushed modification modifications shipped"
    ),
    "who": "who whom whose anyone anybody somebody someone everyone everybody user users account accounts serviceaccount serviceaccounts people group groups subject subjects",
    "may": "can may could able allowed allow permitted permission permissions right rights access authorized authorised entitled privilege privileges privileged",
    "call": "call calls calling called caller callers talk talks talking use uses used using invoke invokes client clients consumer consumers upstream upstreams downstream downstreams dependents reach reaches",
    "depend": "depend depends depending dependency dependencies rely relies relying need needs requires dependent",
    "impact": "affected affect affects impact impacted impacts radius suffer suffers hurt hurts break breaks notice notices consequence consequences",
    "if": "if when should suppose would happens were",
    "lost": "dies die gone disappears disappear lost removed stops stop offline vanishes away",
    "log": "log logs logging logged output stdout stderr printing prints wrote writes logline loglines saying",
    "replica": "replica replicas instance instances copies scale scaled",
    "count": "howmany number count",
    "version": "version versions tag tags image images build",
    "limit": "limit limits memory cpu resource resources quota ram requests",
    "alert": "alert alerts alerting alarm alarms firing fires pages paging",
    "node": "node nodes machine machines worker workers host hosts",
    "event": "event events warning warnings happened happening occurred",
    "ready": "ready schedulable cordoned available",
    "namespace": "namespace namespaces ns project",
    "workload": "workload workloads deployment deployments service services statefulset statefulsets daemonset daemonsets app apps application applications component components microservice ingress",
    "verb": "read see view get list watch create add delete remove destroy patch write exec execute impersonate modify update edit scale change look bind escalate",
    "resource": (
        "secret secrets configmap configmaps pod pods deployment deployments service services statefulset statefulsets "
        "daemonset daemonsets role roles rolebinding rolebindings clusterrole clusterroles networkpolicy "
        "networkpolicies serviceaccount serviceaccounts job jobs cronjob cronjobs ingress ingresses node nodes "
        "namespace namespaces event events endpoints replicaset replicasets logs everything anything hpa pvc pvcs"
    ),
    "everything": "anything everything something all any whole overall cluster things",
    "advice": "advise advice recommend recommended recommendation better best opinion worth prefer ought",
    "howto": "howto tutorial teach learn guide explain meaning define definition difference",
    "future": "will tomorrow predict forecast future going-to expect soon later",
    "writing": "poem story joke essay email mail haiku song tweet translate summarize summarise draft compose generate slide slides presentation postmortem",
    "money": "cost costs price pricing bill billing money dollars euros spend spending budget cheap expensive",
    "weather": "weather football stock stocks president recipe movie",
    "self": "i myself",
}
"""Concept -> words. A word may speak of several."""

PHRASES: tuple[tuple[str, str], ...] = (
    (r"\bhow (many|much)\b", " howmany "),
    (r"\bhow (do|can|would|should|could) (i|we|you|one)\b|\bhow to\b|\bwhat (is|are) (a|an)\b|\bwhat does .* mean\b", " howto "),
    (r"\bhow come\b|\bfor what reason\b|\bwhat is up with\b", " why "),
    (r"\broot cause\b", " rootcause "),
    (r"\bnot (healthy|ok|okay|well|fine|working|running|up|available|responding|reachable)\b", " failing "),
    (r"\b(does|do|did|is|are) ?not (work|start|respond|run|come up|answer)\b", " is failing "),
    (r"\bnot ready\b", " notready "),
    (r"\b(go|goes|going|went|being|gets|is taken) (down|away|offline)\b", " dies "),
    (r"\btak(e|es|ing) (so |too |very )?(long|ages)\b|\bresponse times?\b", " slow "),
    (r"\brolled out\b|\brolling out\b", " rollout "),
    (r"\bblast radius\b", " impact "),
    (r"\bservice accounts?\b", " serviceaccount "),
    (r"\b(config) maps?\b", " configmaps "),
    (r"\bnetwork polic(y|ies)\b", " networkpolicies "),
    (r"\b(stateful|daemon|replica) sets?\b", r" \1sets "),
    (r"\b(cluster) roles?\b", " clusterroles "),
    (r"\brole bindings?\b", " rolebindings "),
    (r"\bgoing to\b", " will "),
    (r"\btimed? out\b|\btiming out\b", " timeouts "),
    (r"\bcoming from\b|\bon call\b", " "),
    (r"\bcrash(ed|ing|es)? ?loop(s|ing)?( back ?off)?\b", " crashloop "),
)
"""Regular expressions over the lower-case text, and the one word that stands for each match."""

POLITE = (
    r"^(hi|hey|hello|dear|ok|okay|so|well|um|and|now)\b[ ,!.]*",
    r"^(please|pls|kindly)\b[ ,]*",
    r"^(can|could|would|will) (you|u|somebody|someone|anybody|anyone) (please |kindly |quickly |also )*(?!read|delete|create|change)"
    r"(tell|show|list|give|check|find|help|let|say|look|explain|see)?\b( (me|us))?( (out|know))?",
    r"^(i|we) (want|need|would like|wonder|am wondering|'d like)( to (know|see|find out))?\b( (about|if|whether))?",
    r"^(do|does) (you|anybody|anyone|somebody) (happen to )?know\b( (if|whether))?",
    r"^(tell|show|give) (me|us)\b( (about|if|whether))?",
)
"""What stands before a question and says nothing about it, to be taken away one after the other."""

COMMANDS = (
    "restart delete scale fix rollback roll undo kill drain create deploy apply install upgrade downgrade remove stop "
    "start set increase decrease patch cordon uncordon migrate move disable enable open close repair reboot write"
)
"""Words with which a question does not begin, but an order does."""

STOP = (
    "a an the this that these those is are was were be been being am do does did done has have had having of in on at "
    "to for from with by about into over under within during through between and or but not no yes my our your their "
    "its it they them he she we you me us what which where how there here please pls thanks thank hey hi hello tell "
    "show give find know currently now right-now today presently just still again also really actually exactly even "
    "so too very much more most less last past previous since ago recently lately time times kind sort as than then "
    "ever yet get got getting keep keeps kept seem seems look looks looking like only some other others every each "
    "both own same such out up off lot many few anyway cheers quick quickly question wondering curious could would "
    "let lets need want wants thing find check name names named me' team colleagues prod production environment side "
    "moment minute minutes hour hours day days second seconds s whats whos ones one kindly go goes going come comes "
    "work works working list who's us' across per currently visible it's be' respond responding requests request "
    "traffic rate rates all-of-it long big large bit against make made"
)
"""Words that carry no meaning of their own here."""

WORDS: dict[str, tuple[str, ...]] = {}
for _concept, _text in CONCEPTS.items():
    for _word in _text.split():
        WORDS[_word] = (*WORDS.get(_word, ()), _concept)
STOP_WORDS = frozenset(STOP.split()) - WORDS.keys()
COMMAND_WORDS = frozenset(COMMANDS.split())
