"""Accounts, for clients that sign: whose they are and which nonce comes next."""
