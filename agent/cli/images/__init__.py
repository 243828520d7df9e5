"""Pictures in a terminal: probe, compose, encode. numpy and Pillow come at the first picture."""
