"""One qualification with its whole history, by both clocks."""
