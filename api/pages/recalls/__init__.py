"""Recalls: lots chosen, their scope seen, what is to be signed offered, and the answers followed.

Nothing is recalled by looking; what is recalled is signed through ``api.pages.signing``.
"""
