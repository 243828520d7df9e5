"""Looking at whole films: what the planner may ask of the core."""
