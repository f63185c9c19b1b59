"""Volumes: claims are bound to volumes, volumes are made, given back and protected.

classes, matching -> binder        what a claim asks for, which volume suits it, and binding the two
provisioner                        makes volumes for claims of its StorageClasses, and takes back released ones
protection                         holds what is in use
"""
