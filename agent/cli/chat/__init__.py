"""The chat: a prompt, slash commands, a worker thread that owns the session, and signing."""
