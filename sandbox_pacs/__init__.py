"""A PACS started for you: a real Orthanc, patients that never lived, their orders and reports.

Imports at most `domain`, so that the client in `tools/pacs` and this server cannot share a bug.
"""
