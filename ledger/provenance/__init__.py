"""Where lots come from and where they went: pure functions over what the ledger recorded."""
