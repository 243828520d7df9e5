"""How it thinks and who it talks to: models, graph, critique, command line."""
