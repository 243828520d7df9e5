"""The planner: words and a film in, the next step out, its arguments copied or from a list."""
