// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The log of every accepted entry
/// @notice One append-only Merkle tree over the accepted entries of all ledger contracts, and for
/// every subject (an organisation, a category, a qualification, …) the hash of its last leaf.
///
/// The tree has the shape of RFC 6962, section 2.1, with keccak-256 in place of SHA-256:
/// - leaf = keccak256(0x00 ‖ sequence ‖ block time ‖ contract ‖ digest ‖ signers ‖ n ‖
///   (subject ‖ previous head) × n), every part a 32-byte word; `signers` is the keccak-256 of the
///   signers' addresses, one word each, author first;
/// - node = keccak256(0x01 ‖ left ‖ right).
///
/// Storage, for state proofs (EIP-1186): slot 0 is `size`, slot 1 is `root`, and the head of a
/// subject lies at keccak256(subject ‖ 2).
///
/// Not protected: an admitted contract can append what it likes and move the head of any subject.
/// The authority must admit only contracts whose code it has read; none can be removed again.
interface IEntryLog {
    /// @notice A ledger contract may append from now on.
    event ContractAdmitted(address indexed ledger);

    /// @notice One transaction's entries were appended: `count` leaves, the first with the
    /// sequence number `firstSequence`; `root` is the root over all leaves afterwards.
    event Appended(uint256 indexed firstSequence, uint256 count, bytes32 root);

    /// @notice The caller is not the registrar that made this log.
    error EntryLogNotRegistrar(address caller);
    /// @notice The caller was never admitted.
    error EntryLogNotAdmitted(address caller);

    /// @notice Lets `ledger` append. Only the registrar, which does so by an act of the authority.
    /// Admitting a contract twice changes nothing and says nothing.
    function admit(address ledger) external;

    /// @notice Appends the accepted entries of one transaction, in order.
    /// @param items For each entry: digest, signers' hash, number n of subjects, then n subjects.
    /// Only an admitted contract may call; it vouches for the shape of `items`.
    function append(bytes32[] calldata items) external;

    /// @notice The number of leaves, which is the sequence number of the next one.
    function size() external view returns (uint256);

    /// @notice The Merkle root over all leaves; zero while there is none.
    function root() external view returns (bytes32);

    /// @notice The last leaf that touched `subject`; zero if none did.
    function heads(bytes32 subject) external view returns (bytes32);

    /// @notice Whether `ledger` may append.
    function isAdmitted(address ledger) external view returns (bool);

    /// @notice The contract that made this log and alone admits others.
    function registrar() external view returns (address);
}
