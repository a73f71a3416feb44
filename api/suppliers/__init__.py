"""Suppliers: found, and read with where they stand in each scope that they hold."""
