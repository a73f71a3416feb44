"""What evidence says, explained to everybody."""
