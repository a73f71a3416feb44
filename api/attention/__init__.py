"""What needs the attention of whoever asks, as of now."""
