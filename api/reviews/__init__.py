"""Qualifications in review: the three steps as queues, and who may take which."""
