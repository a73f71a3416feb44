"""The edge to the chain: the gateway protocol, and the two chains behind it.

Only modules of this package import web3, eth-tester or py-evm.
"""
