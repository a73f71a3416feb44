"""From files to entries: mirrored registers, and the issues of an issuer's own table.

Planning is pure: what a file says against what the ledger holds gives the entries still missing.
So a dry run is the plan, a second run plans nothing, and an interrupted one goes on.
"""
