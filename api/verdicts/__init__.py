"""May this supplier deliver this, so many, on that day? Asked, kept, read again, made again."""
