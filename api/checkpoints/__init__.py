"""Checkpoints of the log, and the countersignatures of their witnesses."""
