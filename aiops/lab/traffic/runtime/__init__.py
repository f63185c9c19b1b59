"""The container runtime that the kubelet drives: processes are started, probed, asked to run commands, and ended."""
