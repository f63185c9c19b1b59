"""Autoscaling: how many replicas use calls for.

samples, usage        what pods use, and how many replicas that asks for
proposals             each metric of an autoscaler, or why it can't be had
behavior              what stabilisation, policies and limits make of a proposal
autoscaler            the controller
"""
