"""Renderers on the event stream: rich for a person, plain for pipes and readers, JSON lines."""
