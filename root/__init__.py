"""Reading Room: an agentic radiology assistant. Research software, not a medical device."""

__version__ = "0.1.0"
