"""HTTP over the ledger: translates and joins, decides nothing about truth.

``api.app.create_app`` joins the parts. Every resource is a package with the same few parts:
``endpoints`` (typed input → one call → result), ``schemas`` (what goes over the wire) and, where
there is something to put together, ``service``.
"""
