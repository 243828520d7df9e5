"""Questions about regions, put to the core on the crop alone."""
