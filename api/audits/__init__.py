"""What audits of the service found: those that were run on its machine, and what it can compare
while it runs."""
