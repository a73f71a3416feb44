"""The one way in: entries that were signed elsewhere, taken in, followed and read again."""
