"""ResourceQuota: what the objects of a namespace use together, and how much they may.

usage    what one object uses, by the names that quotas use
scopes   which objects a quota is about
counting the status of a quota, counted afresh
plugin   the admission plug-in
"""
