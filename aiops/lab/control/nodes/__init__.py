"""Nodes: what their machines report, what becomes of them and of their pods when they no longer do.

machines               which machines run
reporter               status and lease of each running one
lifecycle, zones       conditions of silent nodes, taints by condition, how fast pods may be evicted
taint_eviction         pods that do not tolerate a NoExecute taint
pod_gc                 pods of nodes that are gone
"""
