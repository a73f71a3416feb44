"""Evidence that proves itself: what a third party needs to judge again, and how it does so."""
