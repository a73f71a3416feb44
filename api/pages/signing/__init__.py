"""Signing: what is to be signed shown in clear, three ways to sign it, and what became of it.

Nothing is kept here between the steps: what is to be signed travels in the page and back. The
private key stays in the browser or on the signer's own machine; ``browser`` has what runs there,
and ``scripts/signing`` makes the one file of it that pages load.
"""
