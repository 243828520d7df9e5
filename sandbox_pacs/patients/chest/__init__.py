"""A parametric chest in three dimensions: one body, seen by CT and by radiography alike.

Axes everywhere in here, in mm: x to the patient's left, y to the back, z to the head; the
origin is the carina's level in the middle of the body. Arrays are (z, y, x).
"""
