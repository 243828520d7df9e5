"""Reading Room: an agentic radiology assistant. Research software, not a medical device."""
