"""The graph of the main job, the chat turn, and the session that drives both."""
