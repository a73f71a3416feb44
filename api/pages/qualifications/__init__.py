"""One qualification with its history: what it says, how it stands, and who did what to it."""
