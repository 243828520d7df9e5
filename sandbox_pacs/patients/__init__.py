"""Patients that never lived: who they are, their pictures, reports, orders, and the truth."""
