"""The service about itself: health, measures, and what a client needs to sign."""
