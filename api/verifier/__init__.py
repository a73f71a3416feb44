"""The second verifier, in JavaScript, and its page as the service hands it out."""
