"""The change recorder and the continuous watchers. Imports clients, analysis and core."""
