// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {EntryLog} from "./EntryLog.sol";
import {Fields, SignedEntries} from "./base/SignedEntries.sol";
import {Roles} from "./base/Roles.sol";
import {IEntryLog} from "./interfaces/IEntryLog.sol";
import {Actor, IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";

/// @title Who takes part
/// @dev What it promises stands in `IParticipantRegistry`.
contract ParticipantRegistry is IParticipantRegistry, SignedEntries {
    uint8 private constant LISTED = 1;
    uint8 private constant ACTIVE = 2;
    uint8 private constant CLOSED = 4;

    uint8 private constant LIVE = 1;
    uint8 private constant DISABLED = 2;
    uint8 private constant REMOVED = 3;
    uint8 private constant COMPROMISED = 4;

    uint256 private constant LARGEST_DIVISION = 999_999_999_999;

    struct Organisation {
        uint8 status;
        uint16 roles;
        uint64 division;
        uint32 authorityAccounts; // live accounts that carry the authority's role
    }

    struct Account {
        bytes20 organisation;
        uint16 roles;
        uint8 state;
        uint40 compromisedSince;
    }

    struct Accreditation {
        uint64 from;
        uint64 until;
    }

    /// @inheritdoc IParticipantRegistry
    IEntryLog public immutable log;

    uint16 private _quorum;
    uint64 private _maxLateness;
    /// @inheritdoc IParticipantRegistry
    uint256 public authorityAccounts;
    mapping(bytes20 id => Organisation organisation) private _organisations;
    mapping(address account => Account) private _accounts;
    mapping(bytes20 organisation => mapping(bytes32 kind => Accreditation)) private _accreditations;

    /// @param accounts The authority's first accounts, at least `quorum_` of them, all different.
    constructor(
        string memory identifierKind,
        string memory identifier,
        string memory nameZh,
        string memory nameEn,
        address[] memory accounts,
        uint256 quorum_,
        uint64 maxLateness_
    ) EIP712("Suyuan ParticipantRegistry", "1") {
        if (quorum_ == 0 || quorum_ > accounts.length || accounts.length > type(uint16).max) {
            revert ParticipantQuorumUnreachable(accounts.length, quorum_);
        }
        bytes20 id = _organisationId(keccak256(bytes(identifierKind)), keccak256(bytes(identifier)));
        _organisations[id] = Organisation(ACTIVE, uint16(Roles.AUTHORITY), 0, uint32(accounts.length));
        for (uint256 i = 0; i < accounts.length; ++i) {
            address account = accounts[i];
            if (account == address(0) || _accounts[account].state != 0) {
                revert ParticipantAccountExists(account, id);
            }
            _accounts[account] = Account(id, uint16(Roles.AUTHORITY), LIVE, 0);
        }
        authorityAccounts = accounts.length;
        _quorum = uint16(quorum_);
        _maxLateness = maxLateness_;
        log = new EntryLog();
        emit AuthorityFounded(
            id,
            identifierKind,
            identifier,
            nameZh,
            nameEn,
            accounts,
            quorum_,
            maxLateness_
        );
    }

    // ---------------------------------------------------------------- reading

    /// @inheritdoc IParticipantRegistry
    function limits() external view returns (uint256, uint256) {
        return _limits();
    }

    /// @inheritdoc IParticipantRegistry
    function actor(address account) public view returns (Actor memory) {
        Account storage a = _accounts[account];
        Organisation storage o = _organisations[a.organisation];
        return Actor(a.organisation, a.roles & o.roles, a.state == LIVE && o.status == ACTIVE);
    }

    /// @inheritdoc IParticipantRegistry
    function accountState(address account) external view returns (uint8, uint64) {
        return (_accounts[account].state, _accounts[account].compromisedSince);
    }

    /// @inheritdoc IParticipantRegistry
    function organisation(bytes20 id) external view returns (uint8, uint256, uint64) {
        Organisation storage o = _organisations[id];
        return (o.status, o.roles, o.division);
    }

    /// @inheritdoc IParticipantRegistry
    function accreditation(bytes20 id, bytes32 kind) external view returns (uint64, uint64) {
        Accreditation storage a = _accreditations[id][kind];
        return (a.from, a.until);
    }

    // ---------------------------------------------------------------- the actions' types

    bytes32 private constant REGISTER_ORGANISATION =
        keccak256(
            "RegisterOrganisation(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "uint16 roles,uint64 division,"
            "string identifierKind,string identifier,string nameZh,string nameEn)"
        );
    bytes32 private constant LIST_ORGANISATION =
        keccak256(
            "ListOrganisation(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "string identifierKind,string identifier,string nameZh,string nameEn)"
        );
    bytes32 private constant CHANGE_ORGANISATION =
        keccak256(
            "ChangeOrganisation(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes20 organisation,uint8 status,uint16 roles,uint64 division,string reason)"
        );
    bytes32 private constant ADD_ACCOUNT =
        keccak256(
            "AddAccount(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes20 organisation,address account,uint16 roles,bytes32 person)"
        );
    bytes32 private constant REMOVE_ACCOUNT =
        keccak256(
            "RemoveAccount(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "address account,string reason)"
        );
    bytes32 private constant DISABLE_ACCOUNT =
        keccak256("DisableAccount(uint64 nonce,uint40 happenedAt,uint40 deadline,string reason)");
    bytes32 private constant DECLARE_COMPROMISED =
        keccak256(
            "DeclareCompromised(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "address account,uint40 since,string reason)"
        );
    bytes32 private constant ACCREDIT =
        keccak256(
            "Accredit(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes20 organisation,uint40 from,uint40 until,string kind)"
        );
    bytes32 private constant LINK_ORGANISATIONS =
        keccak256(
            "LinkOrganisations(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes20 first,bytes20 second,bool same,string reason)"
        );
    bytes32 private constant SET_QUORUM =
        keccak256("SetQuorum(uint64 nonce,uint40 happenedAt,uint40 deadline,uint16 quorum)");
    bytes32 private constant SET_MAX_LATENESS =
        keccak256(
            "SetMaxLateness(uint64 nonce,uint40 happenedAt,uint40 deadline,uint40 maxLateness)"
        );
    bytes32 private constant ADMIT_CONTRACT =
        keccak256(
            "AdmitContract(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "address ledger,string name)"
        );

    function _kind(uint256 action) internal pure override returns (bytes32, bytes32, bool) {
        if (action == 1) return (REGISTER_ORGANISATION, hex"0208_ffffffff", true);
        if (action == 2) return (LIST_ORGANISATION, hex"ffffffff", false);
        if (action == 3) return (CHANGE_ORGANISATION, hex"94010208_ff", true);
        if (action == 4) return (ADD_ACCOUNT, hex"941402a0", true);
        if (action == 5) return (REMOVE_ACCOUNT, hex"14_ff", true);
        if (action == 6) return (DISABLE_ACCOUNT, hex"ff", false);
        if (action == 7) return (DECLARE_COMPROMISED, hex"1405_ff", true);
        if (action == 8) return (ACCREDIT, hex"940505_ff", true);
        if (action == 9) return (LINK_ORGANISATIONS, hex"949401_ff", false);
        if (action == 10) return (SET_QUORUM, hex"02", true);
        if (action == 11) return (SET_MAX_LATENESS, hex"05", true);
        if (action == 12) return (ADMIT_CONTRACT, hex"14_ff", true);
        return (0, 0, false);
    }

    function _apply(
        uint256 action,
        Fields f,
        bytes32,
        Author memory author,
        Batch memory batch
    ) internal override returns (bytes memory refusal) {
        bytes32 subject;
        if (action == 1) (refusal, subject) = _register(f);
        else if (action == 2) (refusal, subject) = _list(f, author);
        else if (action == 3) (refusal, subject) = _change(f);
        else if (action == 4) (refusal, subject) = _addAccount(f);
        else if (action == 5) (refusal, subject) = _end(_address(f.word(3)), REMOVED);
        else if (action == 6) (refusal, subject) = _end(author.signers[0], DISABLED);
        else if (action == 7) (refusal, subject) = _declareCompromised(f);
        else if (action == 8) (refusal, subject) = _accredit(f);
        else if (action == 9) (refusal, subject) = _link(f, author, batch);
        else if (action == 10) (refusal, subject) = _setQuorum(f, batch);
        else if (action == 11) subject = _setMaxLateness(f, batch);
        else (refusal, subject) = _admit(f);
        _move(batch, subject);
    }

    // ---------------------------------------------------------------- organisations

    function _register(Fields f) private returns (bytes memory, bytes32) {
        uint256 roles = f.number(3);
        uint256 division = f.number(4);
        if (division > LARGEST_DIVISION) return (_invalid(4, division), 0);
        return _create(f, 5, Organisation(ACTIVE, uint16(roles), uint64(division), 0));
    }

    function _list(
        Fields f,
        Author memory author
    ) private returns (bytes memory refusal, bytes32 subject) {
        bytes32 identifierKind = f.word(3);
        if (_lacks(author, Roles.MIRROR)) return (_roleMissing(author, Roles.MIRROR), 0);
        Accreditation storage a = _accreditations[author.organisation][identifierKind];
        if (block.timestamp < a.from || block.timestamp >= a.until) {
            refusal = abi.encodeWithSelector(
                ParticipantNotAccredited.selector,
                author.organisation,
                identifierKind,
                block.timestamp
            );
            return (refusal, 0);
        }
        return _create(f, 3, Organisation(LISTED, 0, 0, 0));
    }

    /// @dev From the field at `first` on: kind of identifier, identifier, two names.
    function _create(
        Fields f,
        uint256 first,
        Organisation memory made
    ) private returns (bytes memory, bytes32) {
        bytes32 identifierKind = f.word(first);
        bytes32 identifier = f.word(first + 1);
        bool named = f.word(first + 2) != EMPTY || f.word(first + 3) != EMPTY;
        if (identifierKind == EMPTY || identifier == EMPTY || !named) {
            return (abi.encodeWithSelector(ParticipantNameMissing.selector), 0);
        }
        bytes20 id = _organisationId(identifierKind, identifier);
        if (_organisations[id].status != 0) {
            return (abi.encodeWithSelector(ParticipantOrganisationExists.selector, id), 0);
        }
        _organisations[id] = made;
        return ("", id);
    }

    function _change(Fields f) private returns (bytes memory refusal, bytes32 subject) {
        bytes20 id = bytes20(f.word(3));
        uint256 status = f.number(4);
        uint256 roles = f.number(5);
        uint256 division = f.number(6);
        Organisation storage o = _organisations[id];
        refusal = _checkParticipant(id);
        if (refusal.length != 0) return (refusal, 0);
        if (status < ACTIVE || status > CLOSED) return (_invalid(4, status), 0);
        if (division > LARGEST_DIVISION) return (_invalid(6, division), 0);

        bool hadAuthority = o.status == ACTIVE && o.roles & Roles.AUTHORITY != 0;
        bool hasAuthority = status == ACTIVE && roles & Roles.AUTHORITY != 0;
        uint256 accounts = authorityAccounts;
        if (hadAuthority && !hasAuthority) accounts -= o.authorityAccounts;
        if (!hadAuthority && hasAuthority) accounts += o.authorityAccounts;
        if (accounts < _quorum) return (_unreachable(accounts, _quorum), 0);

        authorityAccounts = accounts;
        (o.status, o.roles, o.division) = (uint8(status), uint16(roles), uint64(division));
        return ("", id);
    }

    // ---------------------------------------------------------------- accounts

    function _addAccount(Fields f) private returns (bytes memory refusal, bytes32 subject) {
        bytes20 id = bytes20(f.word(3));
        address account = _address(f.word(4));
        uint16 roles = uint16(f.number(5));
        refusal = _checkParticipant(id);
        if (refusal.length != 0) return (refusal, 0);
        if (account == address(0)) return (_invalid(4, 0), 0);
        Account storage a = _accounts[account];
        if (a.state != 0) {
            refusal = abi.encodeWithSelector(ParticipantAccountExists.selector, account, a.organisation);
            return (refusal, 0);
        }

        _accounts[account] = Account(id, roles, LIVE, 0);
        if (roles & Roles.AUTHORITY != 0) {
            Organisation storage o = _organisations[id];
            ++o.authorityAccounts;
            if (o.status == ACTIVE && o.roles & Roles.AUTHORITY != 0) ++authorityAccounts;
        }
        return ("", id);
    }

    /// @dev Takes a live account out of use, if the quorum can still be met without it.
    function _end(address account, uint8 state) private returns (bytes memory, bytes32) {
        Account storage a = _accounts[account];
        if (a.state != LIVE) {
            return (abi.encodeWithSelector(ParticipantAccountNotLive.selector, account), 0);
        }
        if (a.roles & Roles.AUTHORITY != 0) {
            Organisation storage o = _organisations[a.organisation];
            if (o.status == ACTIVE && o.roles & Roles.AUTHORITY != 0) {
                uint256 accounts = authorityAccounts - 1;
                if (accounts < _quorum) return (_unreachable(accounts, _quorum), 0);
                authorityAccounts = accounts;
            }
            --o.authorityAccounts;
        }
        a.state = state;
        return ("", a.organisation);
    }

    function _declareCompromised(
        Fields f
    ) private returns (bytes memory refusal, bytes32 subject) {
        address account = _address(f.word(3));
        uint256 since = f.number(4);
        if (since == 0 || since > block.timestamp) return (_invalid(4, since), 0);
        Account storage a = _accounts[account];
        if (a.state == 0) {
            return (abi.encodeWithSelector(ParticipantAccountNotLive.selector, account), 0);
        }
        if (a.state == COMPROMISED && since >= a.compromisedSince) {
            refusal = abi.encodeWithSelector(
                ParticipantAlreadyCompromised.selector,
                account,
                a.compromisedSince
            );
            return (refusal, 0);
        }
        if (a.state == LIVE) {
            (refusal, ) = _end(account, COMPROMISED);
            if (refusal.length != 0) return (refusal, 0);
        }
        (a.state, a.compromisedSince) = (COMPROMISED, uint40(since));
        return ("", a.organisation);
    }

    // ---------------------------------------------------------------- accreditations and links

    function _accredit(Fields f) private returns (bytes memory refusal, bytes32 subject) {
        bytes20 id = bytes20(f.word(3));
        uint256 from = f.number(4);
        uint256 until = f.number(5);
        bytes32 kind = f.word(6);
        refusal = _checkParticipant(id);
        if (refusal.length != 0) return (refusal, 0);
        if (from == 0 || from >= until) {
            return (abi.encodeWithSelector(ParticipantDatesReversed.selector, from, until), 0);
        }
        _accreditations[id][kind] = Accreditation(uint64(from), uint64(until));
        return ("", id);
    }

    /// @dev The second organisation's chain moves after the first's.
    function _link(
        Fields f,
        Author memory author,
        Batch memory batch
    ) private view returns (bytes memory refusal, bytes32 subject) {
        bytes20 first = bytes20(f.word(3));
        bytes20 second = bytes20(f.word(4));
        uint256 same = f.number(5);
        if (_lacks(author, Roles.REVIEWER)) return (_roleMissing(author, Roles.REVIEWER), 0);
        if (first == second) return (_invalid(4, f.number(4)), 0);
        if (same > 1) return (_invalid(5, same), 0);
        refusal = _checkKnown(first);
        if (refusal.length == 0) refusal = _checkKnown(second);
        _move(batch, first);
        return (refusal, second);
    }

    // ---------------------------------------------------------------- the ledger itself

    function _setQuorum(
        Fields f,
        Batch memory batch
    ) private returns (bytes memory, bytes32) {
        uint256 quorum = f.number(3);
        if (quorum == 0 || quorum > authorityAccounts) {
            return (_unreachable(authorityAccounts, quorum), 0);
        }
        // The entries behind this one in the same batch need the new quorum already.
        (_quorum, batch.quorum) = (uint16(quorum), quorum);
        return ("", _self());
    }

    function _setMaxLateness(Fields f, Batch memory batch) private returns (bytes32) {
        uint256 maxLateness = f.number(3);
        (_maxLateness, batch.maxLateness) = (uint64(maxLateness), maxLateness);
        return _self();
    }

    function _admit(Fields f) private returns (bytes memory, bytes32) {
        address ledger = _address(f.word(3));
        if (ledger.code.length == 0 || log.isAdmitted(ledger)) {
            return (abi.encodeWithSelector(ParticipantContractInvalid.selector, ledger), 0);
        }
        log.admit(ledger);
        return ("", _self());
    }

    // ---------------------------------------------------------------- shared

    function _log() internal view override returns (IEntryLog) {
        return log;
    }

    function _limits() internal view override returns (uint256, uint256) {
        return (_quorum, _maxLateness);
    }

    /// @dev Not remembered in the batch: an entry may change the account of the next one.
    function _actor(address account, Batch memory) internal view override returns (Actor memory) {
        return actor(account);
    }

    /// @dev Refuses an organisation that is unknown, listed or closed.
    function _checkParticipant(bytes20 id) private view returns (bytes memory refusal) {
        uint8 status = _organisations[id].status;
        if (status == 0) return _checkKnown(id);
        if (status == LISTED || status == CLOSED) {
            refusal = abi.encodeWithSelector(ParticipantOrganisationStatusWrong.selector, id, status);
        }
    }

    function _checkKnown(bytes20 id) private view returns (bytes memory refusal) {
        if (_organisations[id].status == 0) {
            refusal = abi.encodeWithSelector(ParticipantOrganisationUnknown.selector, id);
        }
    }

    function _address(bytes32 word) private pure returns (address) {
        return address(uint160(uint256(word)));
    }

    /// @dev The subject of acts about the ledger itself: this address as a number, which has another
    /// form than an organisation's id, so that nothing can be stated about it as a holder.
    function _self() private view returns (bytes32) {
        return bytes32(uint256(uint160(address(this))));
    }

    function _organisationId(bytes32 kind, bytes32 identifier) private pure returns (bytes20) {
        return bytes20(keccak256(abi.encode(kind, identifier)));
    }

    function _invalid(uint256 field, uint256 value) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ParticipantValueInvalid.selector, field, value);
    }

    function _unreachable(uint256 accounts, uint256 quorum) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ParticipantQuorumUnreachable.selector, accounts, quorum);
    }
}
