"""The vision tower: a film in, what is seen in it and where."""
