"""Documents that the service keeps, to be taken away by those who may see them."""
