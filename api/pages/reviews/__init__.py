"""The review desk: what waits, the document beside the form, and a supplier's own submissions."""
