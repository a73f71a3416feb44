"""All open alarms of the ledger, and all keys that were declared bad: what auditors look at."""
