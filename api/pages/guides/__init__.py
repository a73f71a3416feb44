"""One short page for each kind of work, with pictures that the tests keep true."""
