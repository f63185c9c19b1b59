"""The closed vocabulary of what can be wrong. Faults and diagnosis share this list and nothing else."""

from __future__ import annotations

from enum import StrEnum


class Mechanism(StrEnum):
    """`family.name`; the comment beside each says what is broken, not how it looks."""

    # app: what a program does wrong
    APP_VERSION = "app.version"  # the version that runs is itself faulty
    APP_FEATURE_FLAG = "app.feature_flag"  # a flag or an option turns on code that does not work
    APP_MEMORY_LEAK = "app.memory_leak"  # a process needs more memory the longer it runs
    APP_CONNECTION_LEAK = "app.connection_leak"  # a process does not give back the connections of a pool
    APP_FILE_LEAK = "app.file_leak"  # a process does not close files or sockets, until it may open no more
    APP_DEADLOCK = "app.deadlock"  # a process runs and answers nothing any more
    APP_GARBAGE_COLLECTION = "app.garbage_collection"  # a heap is too small or badly tuned: collections take the time
    APP_COSTLY_PATTERN = "app.costly_pattern"  # an expression or rule takes far too much CPU for some inputs
    APP_CACHE = "app.cache"  # a cache is off, too small or too short-lived: what is behind it gets everything
    # data: what is in stores, and how it is reached
    DATA_MISSING_INDEX = "data.missing_index"  # a store reads everything where an index should be
    DATA_SLOW_QUERY = "data.slow_query"  # somebody's expensive queries use a store up
    DATA_LOCK_CONTENTION = "data.lock_contention"  # somebody holds locks that others wait for
    DATA_CORRUPTION = "data.corruption"  # what is stored is wrong
    DATA_SCHEMA = "data.schema"  # a program and the schema of its store do not fit
    # queue
    QUEUE_CONSUMER_LAG = "queue.consumer_lag"  # consumers take messages more slowly than they come
    QUEUE_POISON_MESSAGE = "queue.poison_message"  # a message that cannot be handled comes again and again
    # config: what is written in objects
    CONFIG_TARGET_PORT = "config.target_port"  # a Service sends to a port on which no process listens
    CONFIG_SELECTOR = "config.selector"  # a Service selects no pods, or the wrong ones
    CONFIG_SERVICE_MISSING = "config.service_missing"  # a Service that is called is not there
    CONFIG_OBJECT_MISSING = "config.object_missing"  # a ConfigMap or Secret that a pod names is not there
    CONFIG_MISSING_KEY = "config.missing_key"  # a ConfigMap or Secret lacks a key that a container needs
    CONFIG_ENV_VALUE = "config.env_value"  # an environment variable holds a wrong value
    CONFIG_ENV_MISSING = "config.env_missing"  # an environment variable that a process needs is not set
    CONFIG_ENV_SHADOWED = "config.env_shadowed"  # a later entry or a direct value hides the one that was meant
    CONFIG_FILE = "config.file"  # a mounted file says something wrong, or is not where it is looked for
    CONFIG_COMMAND = "config.command"  # a container's command or arguments are wrong
    CONFIG_PROBE = "config.probe"  # a probe asks the wrong thing of a healthy process, or is too eager
    CONFIG_INIT_CONTAINER = "config.init_container"  # an init container hangs or fails
    CONFIG_SIDECAR = "config.sidecar"  # a further container of the pod fails, or is in the way
    CONFIG_INGRESS = "config.ingress"  # an Ingress sends a host or path to the wrong place
    CONFIG_FINALIZER = "config.finalizer"  # an object cannot go because of a finalizer that nobody removes
    # image
    IMAGE_UNAVAILABLE = "image.unavailable"  # the image reference cannot be pulled
    IMAGE_CREDENTIALS = "image.credentials"  # the registry does not let the pod's pull secret in
    IMAGE_WRONG = "image.wrong"  # the image is that of another program
    IMAGE_ARCHITECTURE = "image.architecture"  # the image is built for another processor
    # resource
    RESOURCE_MEMORY_LIMIT = "resource.memory_limit"  # the memory limit is below what the process needs
    RESOURCE_CPU_LIMIT = "resource.cpu_limit"  # the CPU limit throttles the process
    RESOURCE_CPU_HOG = "resource.cpu_hog"  # another workload uses the CPU of a node up
    RESOURCE_MEMORY_HOG = "resource.memory_hog"  # another workload uses the memory of a node up
    RESOURCE_IO_HOG = "resource.io_hog"  # another workload uses a disk up
    RESOURCE_QUOTA = "resource.quota"  # a ResourceQuota leaves no room
    RESOURCE_LIMIT_RANGE = "resource.limit_range"  # a LimitRange refuses or shrinks what a pod asks for
    RESOURCE_SHARED_MEMORY = "resource.shared_memory"  # /dev/shm or another memory volume is too small
    RESOURCE_DISK_FULL = "resource.disk_full"  # a volume has no space left
    RESOURCE_MUTATED = "resource.mutated"  # an admission webhook or policy changes what a pod asks for
    RESOURCE_REAPPLIED = "resource.reapplied"  # a controller puts a bad value back again and again
    # scaling, scheduling
    SCALING_REPLICAS = "scaling.replicas"  # too few replicas are asked for
    SCALING_METRIC = "scaling.metric"  # an autoscaler gets no figure, or that of something else
    SCALING_BOUNDS = "scaling.bounds"  # an autoscaler may not go where it should
    SCALING_FLAPPING = "scaling.flapping"  # an autoscaler goes up and down without end
    SCHEDULING_NODE_SELECTOR = "scheduling.node_selector"  # no node fits the pod's node selector
    SCHEDULING_TAINT = "scheduling.taint"  # a taint keeps pods from the nodes that they need
    SCHEDULING_ANTI_AFFINITY = "scheduling.anti_affinity"  # pods may not share the nodes that there are
    SCHEDULING_REQUEST = "scheduling.request"  # a pod asks for more than any node has left
    SCHEDULING_PREEMPTION = "scheduling.preemption"  # pods of a higher priority push others out
    SCHEDULING_HOST_PORT = "scheduling.host_port"  # a port of the node is taken already
    SCHEDULING_CORDON = "scheduling.cordon"  # nodes that are needed take no pods
    SCHEDULING_DISRUPTION_BUDGET = "scheduling.disruption_budget"  # a PodDisruptionBudget lets no pod go
    # network
    NETWORK_POLICY = "network.policy"  # a NetworkPolicy forbids an edge that is needed
    NETWORK_LATENCY = "network.latency"  # packets of an edge are slow
    NETWORK_LOSS = "network.loss"  # packets of an edge are lost, or arrive broken
    NETWORK_PARTITION = "network.partition"  # nothing passes between two parts of the cluster
    NETWORK_BANDWIDTH = "network.bandwidth"  # an edge or a node carries too few bytes
    NETWORK_PORTS_EXHAUSTED = "network.ports_exhausted"  # no source port or connection-tracking entry is left
    NETWORK_MTLS = "network.mtls"  # one side demands TLS from the other, which does not speak it
    NETWORK_PROXY = "network.proxy"  # something between client and server aborts or alters requests
    NETWORK_TRAFFIC_POLICY = "network.traffic_policy"  # a Service sends only to endpoints of the same node or zone
    # names, certificates, rights
    DNS_UNAVAILABLE = "dns.unavailable"  # the cluster's DNS answers nobody
    DNS_WRONG_ANSWER = "dns.wrong_answer"  # a name leads to the wrong address, or to none
    DNS_POLICY = "dns.policy"  # a pod asks the wrong DNS server
    TLS_CERTIFICATE_EXPIRED = "tls.certificate_expired"  # a serving certificate is past its end
    TLS_CERTIFICATE_NAME = "tls.certificate_name"  # a serving certificate is for another name
    TLS_REQUIRED = "tls.required"  # a server takes only TLS, and a client does not speak it
    AUTH_CREDENTIAL = "auth.credential"  # a password, token or key is not the one that the server knows
    AUTH_USER_MISSING = "auth.user_missing"  # a store does not know the user that a client is
    AUTH_ROLE_REVOKED = "auth.role_revoked"  # a store's user lacks a right there
    AUTH_RBAC_DENIED = "auth.rbac_denied"  # a service account lacks a right that it needs
    ADMISSION_POD_SECURITY = "admission.pod_security"  # Pod Security refuses the pods of a workload
    ADMISSION_WEBHOOK = "admission.webhook"  # an admission webhook does not answer, or too late
    # node, storage
    NODE_NOT_READY = "node.not_ready"  # a node's kubelet says nothing any more
    NODE_DOWN = "node.down"  # a machine is off
    NODE_DISK_PRESSURE = "node.disk_pressure"  # a node's disk is full
    NODE_MEMORY_PRESSURE = "node.memory_pressure"  # a node's memory is used up by something outside of Kubernetes
    NODE_CPU = "node.cpu"  # a node's CPU is used up by something outside of Kubernetes
    NODE_CLOCK = "node.clock"  # a node's clock is wrong
    NODE_NETWORK = "node.network"  # a node's network card or cable is bad
    NODE_API_SERVER = "node.api_server"  # the API server has more requests than it can answer
    STORAGE_CLAIM = "storage.claim"  # a claim is missing, or no volume fits it
    STORAGE_ACCESS_MODE = "storage.access_mode"  # a volume is mounted elsewhere and may not be shared
    STORAGE_AFFINITY = "storage.affinity"  # a volume is bound to a node on which its pod cannot run
    STORAGE_CLASS = "storage.class"  # a StorageClass is missing or provisions nothing
    STORAGE_IO_ERROR = "storage.io_error"  # reads or writes of a volume fail
    STORAGE_SLOW = "storage.slow"  # reads or writes of a volume take too long
    # rollout, load
    ROLLOUT_STRATEGY = "rollout.strategy"  # a rollout's own settings let it neither go on nor come to its end
    ROLLOUT_PARTIAL = "rollout.partial"  # only some of the workloads that belong together have the version
    LOAD_INCREASE = "load.increase"  # more requests than the service can carry
    LOAD_RETRIES = "load.retries"  # retries multiply what fails, and keep it failing
    LOAD_SLOW_CLIENTS = "load.slow_clients"  # clients hold connections for too long
    LOAD_SYNCHRONISED = "load.synchronised"  # many clients come at the same moment
    LOAD_TENANT = "load.tenant"  # one tenant takes what all share
    # accelerator
    ACCELERATOR_FAILED = "accelerator.failed"  # a device has failed
    ACCELERATOR_PLUGIN = "accelerator.plugin"  # a node offers no devices though it has them
    ACCELERATOR_SHAPE = "accelerator.shape"  # a job asks for slices or numbers of devices that are not to be had
    ACCELERATOR_STRAGGLER = "accelerator.straggler"  # one member of a collective job holds up all others
    ACCELERATOR_MEMORY = "accelerator.memory"  # a device's memory is used up
    ACCELERATOR_THROTTLED = "accelerator.throttled"  # a device runs at a lower clock because it is too hot

    @property
    def family(self) -> str:
        return self.value.partition(".")[0]
