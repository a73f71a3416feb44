// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Signed entries: the one way to write
/// @notice Every ledger contract takes entries by `record` and in no other way. An entry is an
/// EIP-712 struct, one type per action, signed by an account of an organisation. Each type starts
/// with `uint64 nonce, uint40 happenedAt, uint40 deadline`; its strings come last.
///
/// - `nonce`: any number that the account has not used in this contract; order does not matter.
///   Consecutive numbers share storage and are cheaper.
/// - `happenedAt`: the author's claim, in seconds UTC: at most `maxLateness` before the block and
///   10 minutes after it. An older one needs, beside the author's signature, those of `quorum`
///   authority accounts, and stays marked late.
/// - `deadline`: the last second at which the entry may be recorded.
///
/// An entry travels packed, as bytes:
/// action (1 byte) ‖ number of signatures (1) ‖ signatures (64 each, r ‖ yParityAndS, EIP-2098;
/// the author's first, then those of authority accounts where the action or lateness needs them)
/// ‖ the fields in order: numbers big-endian in the width of their type, bool in one byte, address
/// and bytesN as they are, a string as its length in bytes (2) and its UTF-8 bytes. Nothing follows.
/// The contract expands it to the words of EIP-712 `encodeData`, so what was signed is what is read.
///
/// Rules are checked in this order: form, deadline, each signature with its account's nonce, quorum,
/// lateness, then the action's own. The first that fails refuses the entry with the error of that
/// name. An accepted entry uses up its nonce for everybody who signed it.
///
/// Not protected: whoever holds an entry can send it, or hold it back until the deadline; the
/// claimed `happenedAt` is a claim. A refusal is not final before the deadline: what it lacked may
/// come about. A batch with too little gas, or whose list is not ABI-encoded, reverts as a whole.
interface ISignedEntries {
    /// @notice An entry was accepted and is leaf number `sequence` of the log.
    /// @param subject The first subject whose chain it moved; the others, if the action moves
    /// several, stand in the entry itself.
    /// @param author The organisation of the first signer.
    /// @param entry The entry as it travelled, whole.
    event EntryRecorded(
        uint256 indexed sequence,
        bytes32 indexed subject,
        bytes20 indexed author,
        bytes entry
    );

    /// @notice The authority let this entry in after the permitted lateness.
    event EntryAdmittedLate(uint256 indexed sequence);

    /// @notice The entry at `index` of the batch was refused and changed nothing; it used up no
    /// nonce. `digest` is what was signed, or the keccak-256 of the whole entry where its form is broken;
    /// `reason` is the ABI-encoded error.
    event EntryRefused(bytes32 indexed digest, uint256 index, bytes reason);

    /// @notice There is no such action (`typeHash` 0), or the bytes do not have its form.
    error EntryMalformed(bytes32 typeHash);
    /// @notice The text at this place in the type is longer than 2,047 bytes, no UTF-8, or has NUL.
    error EntryTextInvalid(uint256 field);
    /// @notice The deadline has passed.
    error EntryExpired(uint256 deadline, uint256 blockTime);
    /// @notice The signature is not one of secp256k1, or is the malleable twin of one.
    error EntrySignatureInvalid(uint256 index);
    /// @notice The account that signed is no live account of an active organisation. An altered or
    /// foreign entry recovers to a random account and ends here.
    error EntrySignerNotLive(address account);
    /// @notice The same account signed twice.
    error EntrySignerRepeated(address account);
    /// @notice An account that is not the authority's signed beside the author.
    error EntrySignerNotAuthority(address account);
    /// @notice The act needs the signatures of more authority accounts.
    error EntryQuorumNotMet(uint256 given, uint256 needed);
    /// @notice The account has used this nonce.
    error EntryNonceUsed(address account, uint256 nonce);
    /// @notice `happenedAt` lies more than 10 minutes after the block.
    error EntryFromFuture(uint256 happenedAt, uint256 blockTime);
    /// @notice `happenedAt` lies before `earliest` and the authority did not sign for it.
    error EntryTooLate(uint256 happenedAt, uint256 earliest);
    /// @notice The author, or its organisation, lacks the role that the action needs.
    error EntryRoleMissing(address account, uint256 role);

    /// @notice Applies each entry or refuses it, on its own, in order. Anybody may call.
    function record(bytes[] calldata entries) external;

    /// @notice The EIP-712 type hash of an action; zero where there is no such action.
    function typeHash(uint8 action) external pure returns (bytes32);

    /// @notice Whether the account has used the nonce in this contract.
    function isNonceUsed(address account, uint64 nonce) external view returns (bool);
}
