// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEntryLog} from "./IEntryLog.sol";

/// @dev An account as of now. `roles` are those that both the account and its organisation carry;
/// `live` says that the account may sign and its organisation is active.
struct Actor {
    bytes20 organisation;
    uint256 roles;
    bool live;
}

/// @title Who takes part
/// @notice Organisations, their accounts, roles and accreditations; the authority's quorum and the
/// permitted lateness; which ledger contracts belong to this ledger.
///
/// An organisation's id is the first 20 bytes of keccak256(keccak256(identifierKind) ‖
/// keccak256(identifier)), so the same identifier is registered once. Identifiers of natural
/// persons are given as salted hashes. Organisations are never deleted.
///
/// Every write is a signed entry (see `ISignedEntries`). Actions, in the order of their numbers:
///
/// 1. `RegisterOrganisation(…, uint16 roles, uint64 division, string identifierKind,
///    string identifier, string nameZh, string nameEn)` — authority. Makes an active organisation.
///    At least one name; `division` is the 12-digit statistical code, 0 where unknown.
/// 2. `ListOrganisation(…, string identifierKind, string identifier, string nameZh,
///    string nameEn)` — by an account with the role MIRROR of an organisation accredited for the
///    kind `identifierKind`. Makes a listed organisation: somebody about whom others state things,
///    with no accounts and no rights, for ever.
/// 3. `ChangeOrganisation(…, bytes20 organisation, uint8 status, uint16 roles, uint64 division,
///    string reason)` — authority. Status 2 active, 3 suspended, 4 closed; closed is final.
/// 4. `AddAccount(…, bytes20 organisation, address account, uint16 roles, bytes32 person)` —
///    authority. An address belongs to one organisation for ever. `person` is a salted hash.
/// 5. `RemoveAccount(…, address account, string reason)` — authority.
/// 6. `DisableAccount(…, string reason)` — the account itself.
/// 7. `DeclareCompromised(…, address account, uint40 since, string reason)` — authority. The
///    account signs no more; what was recorded since then is suspect to every reader. May be
///    repeated only with an earlier `since`.
/// 8. `Accredit(…, bytes20 organisation, uint40 from, uint40 until, string kind)` — authority.
///    Replaces what stood for this kind; an accreditation ends by giving it an end.
/// 9. `LinkOrganisations(…, bytes20 first, bytes20 second, bool same, string reason)` — by an
///    account with the role REVIEWER. States that two records are, or are not, one firm. Nothing
///    on chain follows from it.
/// 10. `SetQuorum(…, uint16 quorum)` — authority.
/// 11. `SetMaxLateness(…, uint40 maxLateness)` — authority, in seconds.
/// 12. `AdmitContract(…, address ledger, string name)` — authority. The contract may append to the
///    log from now on; this cannot be taken back.
///
/// Not protected: a quorum of the authority can do everything named above. An account added with a
/// mistyped address is lost, not stolen. Roles are not checked against what an organisation is.
interface IParticipantRegistry {
    /// @notice The deployment laid down the first authority. It is no entry: it is the ground that
    /// the entries stand on, and belongs to what every reader pins.
    event AuthorityFounded(
        bytes20 indexed organisation,
        string identifierKind,
        string identifier,
        string nameZh,
        string nameEn,
        address[] accounts,
        uint256 quorum,
        uint64 maxLateness
    );

    /// @notice The quorum is zero or more than the authority accounts there are.
    error ParticipantQuorumUnreachable(uint256 accounts, uint256 quorum);
    /// @notice An organisation with this identifier exists.
    error ParticipantOrganisationExists(bytes20 organisation);
    /// @notice There is no such organisation.
    error ParticipantOrganisationUnknown(bytes20 organisation);
    /// @notice The organisation is listed, or closed, and cannot do or get this.
    error ParticipantOrganisationStatusWrong(bytes20 organisation, uint8 status);
    /// @notice No identifier, or no name in any language, is given.
    error ParticipantNameMissing();
    /// @notice A status, division, account, time or flag outside its range. `field` is the
    /// place of the field in the type, from 0.
    error ParticipantValueInvalid(uint256 field, uint256 value);
    /// @notice The address is, or was, an account.
    error ParticipantAccountExists(address account, bytes20 organisation);
    /// @notice The account is unknown or signs no more.
    error ParticipantAccountNotLive(address account);
    /// @notice The account was declared compromised since `since` or earlier.
    error ParticipantAlreadyCompromised(address account, uint256 since);
    /// @notice The beginning does not lie before the end, or is not stated.
    error ParticipantDatesReversed(uint256 from, uint256 until);
    /// @notice The organisation is not accredited for the kind at this time.
    error ParticipantNotAccredited(bytes20 organisation, bytes32 kind, uint256 time);
    /// @notice There is no contract at the address, or it is admitted already.
    error ParticipantContractInvalid(address ledger);

    /// @notice The log of this ledger.
    function log() external view returns (IEntryLog);

    /// @notice How many authority accounts an act needs, and the permitted lateness in seconds.
    function limits() external view returns (uint256 quorum, uint256 maxLateness);

    /// @notice How many live accounts of the authority there are.
    function authorityAccounts() external view returns (uint256);

    /// @notice The account as of now; all zero for an address that never was one.
    function actor(address account) external view returns (Actor memory);

    /// @notice The account's state: 0 none, 1 live, 2 disabled, 3 removed, 4 compromised, and since
    /// when it is compromised (0 if it is not).
    function accountState(address account) external view returns (uint8 state, uint64 compromisedSince);

    /// @notice Status 0 none, 1 listed, 2 active, 3 suspended, 4 closed; roles; division code.
    function organisation(bytes20 id) external view returns (uint8 status, uint256 roles, uint64 division);

    /// @notice From when until when (half-open, seconds UTC) the organisation is accredited for the
    /// kind, whose name is given as its keccak-256; zeros where it never was.
    function accreditation(bytes20 id, bytes32 kind) external view returns (uint64 from, uint64 until);
}
