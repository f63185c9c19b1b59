"""Who calls whom at one moment, as flat arrays: made anew whenever processes or the network have changed, and never
changed in between.
"""
