"""Judging the golden signals of services as they come in: objectives, seasons, departures, troubles."""
