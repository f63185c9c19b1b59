"""The post-mortem of an incident: what it cost users, how it went, what it rests on, what was ruled out."""
