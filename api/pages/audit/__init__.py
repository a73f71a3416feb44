"""The audit desk: any record as of any time, evidence to take away, and what is wrong with us."""
