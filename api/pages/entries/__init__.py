"""One entry of the ledger, as its author signed it."""
