"""Administration: organizations, people, outlets, the regulation, what is sent out, the journal, the hub's health.

A module a subject, each with a blueprint of its own under `/desk/admin`. Auditors read; administrators change, within
their reach: of organizations and people their subtree, of all else whoever reaches the hub's own seat.
"""
