"""Mutation analysis of the contracts: do the tests notice when a rule is broken?

One small change at a time is made in a contract's source (:mod:`tests.mutation.mutants`), the
contracts that hold it are compiled (:mod:`tests.mutation.compiling`) and the contracts' tests run
against the result (:mod:`tests.mutation.trials`). What no test notices is listed, with the reason
why that breaks no rule, in ``RESULTS.md`` (:mod:`tests.mutation.results`).

>>> python -m tests.mutation contracts/EntryLog.sol --sample 40 --seed 1
"""
