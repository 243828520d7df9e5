"""Hounsfield units of what a chest is made of, as a CT of 70 keV has them."""

FAT, MUSCLE, BLOOD, LIVER, AIR = -95.0, 42.0, 45.0, 58.0, -1000.0
FLUID, SOFT = 8.0, 32.0
"""Pleural fluid, and airless lung or tumour."""
