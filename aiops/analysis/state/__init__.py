"""The model of a cluster's objects, and what checks lean on. The checks themselves are files of `checks/`, one each."""
