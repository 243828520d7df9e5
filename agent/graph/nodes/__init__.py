"""One node of the graph a file. Each reads the case, does one thing, and says where to go."""
