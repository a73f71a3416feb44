"""Who looked at what: the access log, for auditors."""
