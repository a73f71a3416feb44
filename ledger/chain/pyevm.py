"""The one door to py-evm, and what it does to the process undone.

Importing py-evm lifts Python's recursion limit for the whole process (it wants room for 1,024
nested calls), with which deeply nested input from outside could overflow the C stack. As in
:mod:`ledger` for py_ecc, the limit is put back; contracts that nest calls deeper than it allows are
refused here (:meth:`ledger.chain.embedded.EmbeddedChain.send_raw_transactions`), and ours nest
three.
"""

import sys

_limit = sys.getrecursionlimit()
try:
    from eth.abc import (
        AccountDatabaseAPI,
        ComputationAPI,
        MessageAPI,
        MetaWitnessAPI,
        SignedTransactionAPI,
        StateAPI,
        TransactionContextAPI,
    )
    from eth.exceptions import (
        FullStack,
        Halt,
        InsufficientStack,
        InvalidJumpDestination,
        OutOfGas,
        Revert,
        VMError,
    )
    from eth.typing import JournalDBCheckpoint
    from eth.vm.execution_context import ExecutionContext
    from eth.vm.forks.london import LondonVM
    from eth.vm.forks.london.computation import LondonComputation
    from eth.vm.forks.london.state import LondonState
    from eth.vm.forks.london.transactions import LondonTransactionBuilder
    from eth.vm.logic.invalid import InvalidOpcode
    from eth.vm.message import Message
finally:
    sys.setrecursionlimit(_limit)

__all__ = [
    "AccountDatabaseAPI",
    "ComputationAPI",
    "ExecutionContext",
    "FullStack",
    "Halt",
    "InsufficientStack",
    "InvalidJumpDestination",
    "InvalidOpcode",
    "JournalDBCheckpoint",
    "LondonComputation",
    "LondonState",
    "LondonTransactionBuilder",
    "LondonVM",
    "Message",
    "MessageAPI",
    "MetaWitnessAPI",
    "OutOfGas",
    "Revert",
    "SignedTransactionAPI",
    "StateAPI",
    "TransactionContextAPI",
    "VMError",
]
