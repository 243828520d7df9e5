"""What the planner can call, a folder each, and how a tool is registered."""
