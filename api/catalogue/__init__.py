"""Categories and kinds: what the ledger's authority set, with names in both languages."""
