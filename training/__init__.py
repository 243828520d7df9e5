"""How the shipped weights are made; not in the wheel."""
