// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {RegisteredEntries} from "./base/RegisteredEntries.sol";
import {Roles} from "./base/Roles.sol";
import {Fields} from "./base/SignedEntries.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {IQualificationRegistry} from "./interfaces/IQualificationRegistry.sol";

/// @title Who is qualified for what
/// @dev What it promises stands in `IQualificationRegistry`.
contract QualificationRegistry is IQualificationRegistry, RegisteredEntries {
    uint8 private constant SUBMITTED = 1;
    uint8 private constant VERIFIED = 2;
    uint8 private constant EDITED = 3;
    uint8 private constant REFUSED = 4;
    uint8 private constant IN_FORCE = 5;
    uint8 private constant RESTRICTED = 6;
    uint8 private constant SUSPENDED = 7;
    uint8 private constant WITHDRAWN = 8;
    uint8 private constant SUPERSEDED = 9;
    uint8 private constant DELISTED = 10;

    uint8 private constant ISSUED = 1;
    uint8 private constant REVIEWED = 2;
    uint8 private constant WAIVED = 3;
    uint8 private constant MIRRORED = 4;

    uint256 private constant NO_END = type(uint40).max;
    uint256 private constant MOST_REQUIREMENTS = 8;

    /// @dev One slot. `issuer` may change it; of one under review that is the submitter.
    struct Qualification {
        bytes20 issuer;
        uint40 validFrom;
        uint40 validUntil;
        uint8 state;
        uint8 way;
    }

    struct Review {
        address verifier;
        address editor;
    }

    struct Category {
        bool known;
        bool rawMaterial;
        bytes32[] kinds; // that it requires or ever required
    }

    struct Period {
        uint64 from;
        uint64 until;
    }

    /// @dev `register` is the keccak-256 of its name, which is also the kind of the accreditation.
    struct Publication {
        bytes20 author;
        bytes32 register;
    }

    mapping(bytes32 id => Qualification) private _qualifications;
    mapping(bytes32 id => Review) private _reviews;
    mapping(bytes32 category => Category) private _categories;
    mapping(bytes32 category => mapping(bytes32 kind => Period)) private _requirements;
    mapping(bytes32 id => Publication) private _publications;
    mapping(bytes32 register => mapping(bytes32 kind => bool)) private _mirrorAccepted;
    mapping(bytes32 register => mapping(bytes32 kind => uint256 effective)) private _kindEnded;

    constructor(
        IParticipantRegistry participants_
    ) EIP712("Suyuan QualificationRegistry", "1") RegisteredEntries(participants_) {}

    // ---------------------------------------------------------------- reading

    /// @inheritdoc IQualificationRegistry
    function participants() external view returns (IParticipantRegistry) {
        return _participants;
    }

    /// @inheritdoc IQualificationRegistry
    function qualification(
        bytes32 id
    ) external view returns (bytes20, uint40, uint40, uint8, uint8) {
        Qualification storage q = _qualifications[id];
        return (q.issuer, q.validFrom, q.validUntil, q.state, q.way);
    }

    /// @inheritdoc IQualificationRegistry
    function category(bytes32 key) external view returns (bool, bool) {
        return (_categories[key].known, _categories[key].rawMaterial);
    }

    /// @inheritdoc IQualificationRegistry
    function requirements(
        bytes32 key
    ) external view returns (bytes32[] memory kinds, uint64[] memory from, uint64[] memory until) {
        kinds = _categories[key].kinds;
        from = new uint64[](kinds.length);
        until = new uint64[](kinds.length);
        for (uint256 i = 0; i < kinds.length; ++i) {
            Period storage p = _requirements[key][kinds[i]];
            (from[i], until[i]) = (p.from, p.until);
        }
    }

    /// @inheritdoc IQualificationRegistry
    function gate(
        bytes20 holder,
        bytes32 categoryKey,
        bytes32 modelKey,
        uint256 happenedAt,
        Citation[] calldata citations
    ) external view returns (bytes memory refusal) {
        bytes32[] storage kinds = _categories[categoryKey].kinds;
        mapping(bytes32 kind => Period) storage periods = _requirements[categoryKey];
        uint256 required = kinds.length;
        for (uint256 i = 0; i < required; ++i) {
            bytes32 kind = kinds[i];
            if (!_isWithin(periods[kind], happenedAt)) continue;
            bool covered = false;
            for (uint256 k = 0; k < citations.length && !covered; ++k) {
                Citation calldata c = _at(citations, k);
                covered =
                    c.kind == kind &&
                    _covers(c, holder, categoryKey, modelKey, happenedAt);
            }
            if (!covered) {
                return
                    abi.encodeWithSelector(
                        QualificationKindNotCovered.selector,
                        categoryKey,
                        kind,
                        happenedAt
                    );
            }
        }
    }

    /// @dev Reads the slot once; `Period` says what lies where in it.
    function _isWithin(Period storage p, uint256 time) private view returns (bool within) {
        assembly ("memory-safe") {
            let slot := sload(p.slot)
            within := iszero(or(lt(time, and(slot, 0xffffffffffffffff)), iszero(lt(time, shr(64, slot)))))
        }
    }

    /// @dev `list[index]`, for an index that is known to be in the list: this is what making a lot
    /// waits for most.
    function _at(
        Citation[] calldata list,
        uint256 index
    ) private pure returns (Citation calldata c) {
        assembly ("memory-safe") {
            c := add(list.offset, mul(index, 0xa0))
        }
    }

    function _covers(
        Citation calldata c,
        bytes20 holder,
        bytes32 categoryKey,
        bytes32 modelKey,
        uint256 happenedAt
    ) private view returns (bool) {
        // That it belongs to the holder, scope and kind needs no check: its id says so.
        bytes32 source = c.register == 0 ? bytes32(c.author) : _register(c.author, c.register);
        bytes32 model = c.anyModel ? EMPTY : modelKey;
        (uint256 from, uint256 until, uint256 state, uint256 way) = _terms(
            _qualifications[_id(source, holder, categoryKey, model, c.kind, c.digest)]
        );
        if (from == 0 || until == 0) return false;
        if (happenedAt < from || happenedAt >= until) return false;
        if (way == MIRRORED) {
            uint256 ended = _kindEnded[c.register][c.kind];
            if (!_mirrorAccepted[c.register][c.kind]) return false;
            if (ended != 0 && (block.timestamp >= ended || happenedAt >= ended)) return false;
        }
        return
            state == IN_FORCE ||
            state == RESTRICTED ||
            (state == WITHDRAWN && block.timestamp < until);
    }

    /// @dev Reads the slot once; `Qualification` says what lies where in it.
    function _terms(
        Qualification storage q
    ) private view returns (uint256 from, uint256 until, uint256 state, uint256 way) {
        assembly ("memory-safe") {
            let slot := sload(q.slot)
            from := and(shr(160, slot), 0xffffffffff)
            until := and(shr(200, slot), 0xffffffffff)
            state := and(shr(240, slot), 0xff)
            way := shr(248, slot)
        }
    }

    // ---------------------------------------------------------------- the actions' types

    bytes32 private constant SET_CATEGORY =
        keccak256(
            "SetCategory(uint64 nonce,uint40 happenedAt,uint40 deadline,bool rawMaterial,"
            "string category,string parent,string nameZh,string nameEn,string unit,string codes)"
        );
    bytes32 private constant SET_REQUIREMENT =
        keccak256(
            "SetRequirement(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "uint40 from,uint40 until,string category,string kind)"
        );
    bytes32 private constant ACCEPT_MIRROR =
        keccak256(
            "AcceptMirror(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bool accepted,string register,string kind)"
        );
    bytes32 private constant ISSUE =
        keccak256(
            "IssueQualification(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes20 holder,uint40 validFrom,uint40 validUntil,bytes32 document,"
            "string category,string model,string kind,string number)"
        );
    bytes32 private constant SUBMIT =
        keccak256(
            "SubmitQualification(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "uint40 validFrom,uint40 validUntil,bytes32 document,"
            "string category,string model,string kind,string number)"
        );
    bytes32 private constant VERIFY =
        keccak256(
            "VerifyQualification(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 qualification,bytes32 document,string note)"
        );
    bytes32 private constant EDIT =
        keccak256(
            "EditQualification(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 qualification,uint40 validFrom,uint40 validUntil,bytes32 document,"
            "string number,string note)"
        );
    bytes32 private constant PUBLISH =
        keccak256(
            "PublishQualification(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 qualification,bytes32 document,string note)"
        );
    bytes32 private constant REFUSE =
        keccak256(
            "RefuseQualification(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 qualification,bytes32 document,string reason)"
        );
    bytes32 private constant WAIVE =
        keccak256(
            "WaiveQualification(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes20 holder,uint40 validFrom,uint40 validUntil,bytes32 document,"
            "string category,string model,string kind,string reason)"
        );
    bytes32 private constant RECORD_PUBLICATION =
        keccak256(
            "RecordPublication(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "uint40 published,bytes32 document,uint64 rows,bytes32 rowsRoot,"
            "string register,string title)"
        );
    bytes32 private constant MIRROR =
        keccak256(
            "MirrorQualification(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes20 holder,uint40 validFrom,uint40 validUntil,bytes32 document,"
            "bytes32 publication,uint40 withdrawnFrom,"
            "string category,string model,string kind,string number)"
        );
    bytes32 private constant DELIST =
        keccak256(
            "DelistQualification(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 qualification,bytes32 publication,string reason)"
        );
    bytes32 private constant END_KIND =
        keccak256(
            "EndKind(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 publication,uint40 effective,string kind,string reason)"
        );
    bytes32 private constant RESTRICT =
        keccak256(
            "RestrictQualification(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 qualification,bytes32 document,string reason)"
        );
    bytes32 private constant SUSPEND =
        keccak256(
            "SuspendQualification(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 qualification,bytes32 document,string reason)"
        );
    bytes32 private constant REINSTATE =
        keccak256(
            "ReinstateQualification(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 qualification,bytes32 document,string reason)"
        );
    bytes32 private constant WITHDRAW =
        keccak256(
            "WithdrawQualification(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 qualification,bytes32 document,uint40 effective,string reason)"
        );
    bytes32 private constant SUPERSEDE =
        keccak256(
            "SupersedeQualification(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 qualification,bytes32 successor,string reason)"
        );
    bytes32 private constant STATE_CAPACITY =
        keccak256(
            "StateCapacity(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes20 organisation,bytes32 publication,bytes32 document,uint64 perDay,"
            "string category,string model,string unit)"
        );
    bytes32 private constant CLOSE_ALARM =
        keccak256(
            "CloseAlarm(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 alarm,string reason)"
        );
    bytes32 private constant REPLY =
        keccak256(
            "Reply(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 about,bytes32 document,string text)"
        );

    /// @dev The most frequent first: this runs for every entry.
    function _kind(uint256 action) internal pure override returns (bytes32, bytes32, bool) {
        if (action == 4) return (ISSUE, hex"940505a0_ffffffff", false);
        if (action == 12) return (MIRROR, hex"940505a0a005_ffffffff", false);
        if (action == 1) return (SET_CATEGORY, hex"01_ffffffffffff", true);
        if (action == 2) return (SET_REQUIREMENT, hex"0505_ffff", true);
        if (action == 3) return (ACCEPT_MIRROR, hex"01_ffff", true);
        if (action == 5) return (SUBMIT, hex"0505a0_ffffffff", false);
        if (action == 6) return (VERIFY, hex"a0a0_ff", false);
        if (action == 7) return (EDIT, hex"a00505a0_ffff", false);
        if (action == 8) return (PUBLISH, hex"a0a0_ff", false);
        if (action == 9) return (REFUSE, hex"a0a0_ff", false);
        if (action == 10) return (WAIVE, hex"940505a0_ffffffff", true);
        if (action == 11) return (RECORD_PUBLICATION, hex"05a008a0_ffff", false);
        if (action == 13) return (DELIST, hex"a0a0_ff", false);
        if (action == 14) return (END_KIND, hex"a005_ffff", false);
        if (action == 15) return (RESTRICT, hex"a0a0_ff", false);
        if (action == 16) return (SUSPEND, hex"a0a0_ff", false);
        if (action == 17) return (REINSTATE, hex"a0a0_ff", false);
        if (action == 18) return (WITHDRAW, hex"a0a005_ff", false);
        if (action == 19) return (SUPERSEDE, hex"a0a0_ff", false);
        if (action == 20) return (STATE_CAPACITY, hex"94a0a008_ffffff", false);
        if (action == 21) return (CLOSE_ALARM, hex"a0_ff", false);
        if (action == 22) return (REPLY, hex"a0a0_ff", false);
        return (0, 0, false);
    }

    function _apply(
        uint256 action,
        Fields f,
        bytes32 digest,
        Author memory author,
        Batch memory batch
    ) internal override returns (bytes memory refusal) {
        if (action == 4) return _issue(f, digest, author, batch);
        if (action == 12) return _mirror(f, digest, author, batch);
        if (action == 5) return _submit(f, digest, author, batch);
        if (action == 10) return _waive(f, digest, author, batch);
        if (action >= 6 && action <= 9) return _review(action, f, author, batch);
        if (action >= 15 && action <= 19) return _changeState(action, f, author, batch);
        bytes32 subject;
        if (action == 1) (refusal, subject) = _setCategory(f);
        else if (action == 2) (refusal, subject) = _setRequirement(f);
        else if (action == 3) (refusal, subject) = _acceptMirror(f);
        else if (action == 11) (refusal, subject) = _recordPublication(f, digest, author, batch);
        else if (action == 13) (refusal, subject) = _delist(f, author, batch);
        else if (action == 14) (refusal, subject) = _endKind(f, author, batch);
        else if (action == 20) (refusal, subject) = _stateCapacity(f, author, batch);
        else if (action == 21) (refusal, subject) = _closeAlarm(f, author);
        else subject = author.organisation; // a reply
        _move(batch, subject);
    }

    // ---------------------------------------------------------------- catalogue and requirements

    function _setCategory(
        Fields f
    ) private returns (bytes memory, bytes32) {
        uint256 rawMaterial = f.number(3);
        bytes32 categoryKey = f.word(4);
        bytes32 parent = f.word(5);
        if (rawMaterial > 1) return (_invalid(3, rawMaterial), 0);
        if (categoryKey == EMPTY) return (_textMissing(4), 0);
        if (parent != EMPTY && !_categories[parent].known) {
            return (_categoryUnknown(parent), 0);
        }
        _categories[categoryKey].known = true;
        _categories[categoryKey].rawMaterial = rawMaterial == 1;
        return ("", _named(keccak256("category"), categoryKey));
    }

    function _setRequirement(
        Fields f
    ) private returns (bytes memory refusal, bytes32 subject) {
        uint256 from = f.number(3);
        uint256 until = f.number(4);
        bytes32 categoryKey = f.word(5);
        bytes32 kind = f.word(6);
        Category storage c = _categories[categoryKey];
        if (!c.known) return (_categoryUnknown(categoryKey), 0);
        if (kind == EMPTY) return (_textMissing(6), 0);
        if (from == 0 || from >= until) {
            return (_datesReversed(from, until), 0);
        }
        Period storage p = _requirements[categoryKey][kind];
        if (p.from == 0) {
            if (c.kinds.length == MOST_REQUIREMENTS) {
                refusal = abi.encodeWithSelector(QualificationRequirementsFull.selector, categoryKey);
                return (refusal, 0);
            }
            c.kinds.push(kind);
        }
        (p.from, p.until) = (uint64(from), uint64(until));
        return ("", _named(keccak256("category"), categoryKey));
    }

    function _acceptMirror(
        Fields f
    ) private returns (bytes memory, bytes32) {
        uint256 accepted = f.number(3);
        bytes32 register = f.word(4);
        bytes32 kind = f.word(5);
        if (accepted > 1) return (_invalid(3, accepted), 0);
        _mirrorAccepted[register][kind] = accepted == 1;
        return ("", _named(keccak256("kind"), kind));
    }

    // ---------------------------------------------------------------- ways in

    function _issue(
        Fields f,
        bytes32 digest,
        Author memory author,
        Batch memory batch
    ) private returns (bytes memory refusal) {
        bytes20 issuer = author.organisation;
        if (_lacks(author, Roles.ISSUER)) return _roleMissing(author, Roles.ISSUER);
        refusal = _checkAccredited(issuer, f.word(9), f.number(HAPPENED_AT), batch);
        if (refusal.length != 0) return refusal;
        return _create(f, 7, issuer, f.word(3), digest, _state(issuer, IN_FORCE, ISSUED), batch);
    }

    function _waive(
        Fields f,
        bytes32 digest,
        Author memory author,
        Batch memory batch
    ) private returns (bytes memory) {
        bytes20 authority = author.organisation;
        uint256 validFrom = f.number(4);
        uint256 validUntil = f.number(5);
        bytes32 reason = f.word(10);
        if (validFrom == 0 || validUntil == 0 || validUntil == NO_END) {
            return abi.encodeWithSelector(QualificationDateUnstated.selector);
        }
        if (reason == EMPTY) return _textMissing(10);
        return _create(f, 7, authority, f.word(3), digest, _state(authority, IN_FORCE, WAIVED), batch);
    }

    function _submit(
        Fields f,
        bytes32 digest,
        Author memory author,
        Batch memory batch
    ) private returns (bytes memory) {
        bytes20 self = author.organisation;
        if (_lacks(author, Roles.SUPPLIER)) return _roleMissing(author, Roles.SUPPLIER);
        return _create(f, 6, self, self, digest, _state(self, SUBMITTED, REVIEWED), batch);
    }

    function _mirror(
        Fields f,
        bytes32 digest,
        Author memory author,
        Batch memory batch
    ) private returns (bytes memory refusal) {
        bytes20 mirror = author.organisation;
        bytes32 register;
        (refusal, register) = _checkMirror(f.word(7), author, batch);
        if (refusal.length != 0) return refusal;
        bytes32 source = _register(mirror, register);
        // A register may say that it was withdrawn, even before it began: then it never held.
        uint256 withdrawnFrom = f.number(8);
        uint8 state = withdrawnFrom == 0 ? IN_FORCE : WITHDRAWN;
        return _create(f, 9, source, f.word(3), digest, _state(mirror, state, MIRRORED), batch);
    }

    /// @dev Writes a new qualification. In `f` the category, model and kind start at `first`, and
    /// the dates stand 3 before them, or 5 where a publication follows the document. `state` is the
    /// record's word without the dates.
    function _create(
        Fields f,
        uint256 first,
        bytes32 source,
        bytes32 holder,
        bytes32 digest,
        uint256 state,
        Batch memory batch
    ) private returns (bytes memory refusal) {
        bytes32 categoryKey = f.word(first);
        bytes32 kind = f.word(first + 2);
        uint256 dates = first == 9 ? 4 : first - 3;
        uint256 validFrom = f.number(dates);
        uint256 validUntil = f.number(dates + 1);
        if (batch.entryLog.heads(holder) == 0) {
            return abi.encodeWithSelector(QualificationHolderUnknown.selector, bytes20(holder));
        }
        if (!_categories[categoryKey].known) return _categoryUnknown(categoryKey);
        if (kind == EMPTY) return _textMissing(first + 2);
        refusal = _checkDates(validFrom, validUntil);
        if (refusal.length != 0) return refusal;
        if (first == 9) (validFrom, validUntil) = _ended(validFrom, validUntil, f.number(8));

        bytes32 id = _id(source, holder, categoryKey, f.word(first + 1), kind, digest);
        Qualification storage q = _qualifications[id];
        // A colleague may sign the same words; his copy would undo what became of it.
        if (q.state != 0) return _exists(id);
        // The whole slot at once: the compiler would write its five fields one by one.
        uint256 word = state | (validFrom << 160) | (validUntil << 200);
        assembly ("memory-safe") {
            sstore(q.slot, word)
        }
        _move(batch, id);
        _move(batch, holder);
    }

    /// @dev The word of a `Qualification` without its dates.
    function _state(bytes20 issuer, uint8 state, uint8 way) private pure returns (uint256) {
        return uint160(issuer) | (uint256(state) << 240) | (uint256(way) << 248);
    }

    // ---------------------------------------------------------------- review

    /// @dev Actions 6 verify, 7 edit, 8 publish, 9 refuse.
    function _review(
        uint256 action,
        Fields f,
        Author memory author,
        Batch memory batch
    ) private returns (bytes memory refusal) {
        bytes32 id = f.word(3);
        uint256 validFrom = f.number(4);
        uint256 validUntil = f.number(5);
        Qualification storage q = _qualifications[id];
        Review storage r = _reviews[id];
        address account = author.signers[0];
        if (_lacks(author, Roles.REVIEWER)) return _roleMissing(author, Roles.REVIEWER);
        if (q.state == 0) return _unknown(id);
        // Steps 6, 7 and 8 need the states 1, 2 and 3; a refusal any of them.
        if (action == 9 ? q.state > EDITED : q.state != action - 5) {
            return _stateWrong(id, q.state);
        }
        if (author.organisation == q.issuer) {
            refusal = abi.encodeWithSelector(
                QualificationReviewerOfSubmitter.selector,
                author.organisation
            );
            return refusal;
        }
        if (action != 9 && (account == r.verifier || account == r.editor)) {
            refusal = abi.encodeWithSelector(QualificationReviewerRepeated.selector, account);
            return refusal;
        }

        if (action == 6) {
            (q.state, r.verifier) = (VERIFIED, account);
        } else if (action == 7) {
            refusal = _checkDates(validFrom, validUntil);
            if (refusal.length != 0) return refusal;
            (q.validFrom, q.validUntil) = (uint40(validFrom), uint40(validUntil));
            (q.state, r.editor) = (EDITED, account);
        } else if (action == 8) {
            bytes20 publisher = author.organisation;
            if (
                _participants.actor(r.verifier).organisation == publisher &&
                _participants.actor(r.editor).organisation == publisher
            ) {
                refusal = abi.encodeWithSelector(
                    QualificationReviewersOfOneOrganisation.selector,
                    publisher
                );
                return refusal;
            }
            (q.state, q.issuer) = (IN_FORCE, publisher);
        } else {
            q.state = REFUSED;
        }
        _move(batch, id);
    }

    // ---------------------------------------------------------------- mirrors

    function _recordPublication(
        Fields f,
        bytes32 digest,
        Author memory author,
        Batch memory batch
    ) private returns (bytes memory refusal, bytes32 subject) {
        uint256 published = f.number(3);
        bytes32 register = f.word(7);
        refusal = _checkAccredited(author.organisation, register, block.timestamp, batch);
        if (refusal.length != 0) return (refusal, 0);
        if (_lacks(author, Roles.MIRROR)) return (_roleMissing(author, Roles.MIRROR), 0);
        if (published == 0 || published > f.number(HAPPENED_AT)) {
            return (_invalid(3, published), 0);
        }
        bytes32 id = keccak256(abi.encode(author.organisation, digest));
        if (_publications[id].author != 0) return (_exists(id), 0);
        _publications[id] = Publication(author.organisation, register);
        return ("", _register(author.organisation, register));
    }

    function _delist(
        Fields f,
        Author memory author,
        Batch memory batch
    ) private returns (bytes memory refusal, bytes32 subject) {
        bytes32 id = f.word(3);
        bytes32 publication = f.word(4);
        (refusal, ) = _checkMirror(publication, author, batch);
        if (refusal.length != 0) return (refusal, 0);
        Qualification storage q = _qualifications[id];
        if (q.state == 0) return (_unknown(id), 0);
        if (q.issuer != author.organisation) return (_notIssuer(id, author), 0);
        if (q.way != MIRRORED || q.state != IN_FORCE) {
            return (_stateWrong(id, q.state), 0);
        }
        q.state = DELISTED;
        return ("", id);
    }

    function _endKind(
        Fields f,
        Author memory author,
        Batch memory batch
    ) private returns (bytes memory refusal, bytes32 subject) {
        bytes32 publication = f.word(3);
        uint256 effective = f.number(4);
        bytes32 kind = f.word(5);
        bytes32 register;
        (refusal, register) = _checkMirror(publication, author, batch);
        if (refusal.length != 0) return (refusal, 0);
        if (effective == 0) return (_invalid(4, effective), 0);
        // As with a withdrawal: an end may be stated again with an earlier date, never undone.
        uint256 ended = _kindEnded[register][kind];
        if (ended == 0 || effective < ended) _kindEnded[register][kind] = effective;
        return ("", _named(keccak256("kind"), kind));
    }

    // ---------------------------------------------------------------- changes

    /// @dev Actions 15 restrict, 16 suspend, 17 reinstate, 18 withdraw, 19 supersede.
    function _changeState(
        uint256 action,
        Fields f,
        Author memory author,
        Batch memory batch
    ) private returns (bytes memory refusal) {
        bytes32 id = f.word(3);
        bytes32 document = f.word(4);
        uint256 effective = f.number(5);
        Qualification storage q = _qualifications[id];
        uint8 state = q.state;
        if (state == 0) return _unknown(id);
        if (!_isAuthority(author, batch)) {
            // A waiver is an act of the authority, and so is what changes it.
            if (author.organisation != q.issuer || q.way == WAIVED) return _notIssuer(id, author);
            uint256 role = _issuersRole(q.way);
            if (_lacks(author, role)) return _roleMissing(author, role);
        }
        bool inForce = state == IN_FORCE || state == RESTRICTED;
        _move(batch, id);
        if (action == 15) {
            if (state != IN_FORCE) return _stateWrong(id, state);
            q.state = RESTRICTED;
        } else if (action == 16) {
            if (!inForce) return _stateWrong(id, state);
            q.state = SUSPENDED;
        } else if (action == 17) {
            if (state != RESTRICTED && state != SUSPENDED) return _stateWrong(id, state);
            q.state = IN_FORCE;
        } else if (action == 18) {
            refusal = _withdraw(id, q, effective);
        } else {
            if (!inForce) return _stateWrong(id, state);
            // A mirror's register, not its mirror, decides what a supersession would say.
            uint8 successor = _qualifications[document].state;
            if (document == id || (successor != IN_FORCE && successor != RESTRICTED)) {
                return _stateWrong(document, successor);
            }
            q.state = SUPERSEDED;
            _move(batch, document);
        }
    }

    function _withdraw(
        bytes32 id,
        Qualification storage q,
        uint256 effective
    ) private returns (bytes memory refusal) {
        uint8 state = q.state;
        if (effective == 0) return _invalid(5, effective);
        if (state == WITHDRAWN && effective >= q.validUntil) {
            return
                abi.encodeWithSelector(QualificationAlreadyWithdrawn.selector, id, q.validUntil);
        }
        // Until its day comes a withdrawn one still counts, so one that does not count now, being
        // suspended or worse, can only be withdrawn from today or earlier.
        bool counts = state == IN_FORCE || state == RESTRICTED || state == WITHDRAWN;
        if (state < IN_FORCE || (!counts && effective > block.timestamp)) return _stateWrong(id, state);
        (uint256 from, uint256 until) = _ended(q.validFrom, q.validUntil, effective);
        (q.state, q.validFrom, q.validUntil) = (WITHDRAWN, uint40(from), uint40(until));
    }

    /// @dev The dates of what is withdrawn from `effective` on (0: it is not withdrawn). The end of a
    /// withdrawn qualification is the day from which the withdrawal holds, if it did not end before.
    /// Where its end was unstated, its beginning becomes so: a withdrawal with notice would turn
    /// what never counted, for nobody knows until when it held, into what counts till that day.
    function _ended(
        uint256 from,
        uint256 until,
        uint256 effective
    ) private pure returns (uint256, uint256) {
        if (effective == 0) return (from, until);
        if (until == 0) return (0, effective);
        return (from, effective < until ? effective : until);
    }

    /// @dev The role in which an account of the issuer's organisation changes what it made.
    function _issuersRole(uint8 way) private pure returns (uint256) {
        return way == ISSUED ? Roles.ISSUER : way == REVIEWED ? Roles.REVIEWER : Roles.MIRROR;
    }

    // ---------------------------------------------------------------- capacity and alarms

    function _stateCapacity(
        Fields f,
        Author memory author,
        Batch memory batch
    ) private view returns (bytes memory refusal, bytes32 subject) {
        bytes20 holder = bytes20(f.word(3));
        bytes32 publication = f.word(4);
        bytes32 categoryKey = f.word(7);
        if (publication != 0) {
            (refusal, ) = _checkMirror(publication, author, batch);
            if (refusal.length != 0) return (refusal, 0);
            if (batch.entryLog.heads(holder) == 0) {
                return (abi.encodeWithSelector(QualificationHolderUnknown.selector, holder), 0);
            }
        } else if (holder != author.organisation) {
            refusal = abi.encodeWithSelector(
                QualificationCapacityForeign.selector,
                holder,
                author.organisation
            );
            return (refusal, 0);
        } else if (_lacks(author, Roles.SUPPLIER)) {
            return (_roleMissing(author, Roles.SUPPLIER), 0);
        }
        if (!_categories[categoryKey].known) return (_categoryUnknown(categoryKey), 0);
        if (f.word(9) == EMPTY) return (_textMissing(9), 0);
        return ("", holder);
    }

    function _closeAlarm(
        Fields f,
        Author memory author
    ) private pure returns (bytes memory, bytes32) {
        bytes32 alarm = f.word(3);
        if (_lacks(author, Roles.AUDITOR)) return (_roleMissing(author, Roles.AUDITOR), 0);
        return ("", _named(keccak256("alarm"), alarm));
    }

    // ---------------------------------------------------------------- shared

    /// @dev Accredited at `time` and now.
    function _checkAccredited(
        bytes20 organisation,
        bytes32 kind,
        uint256 time,
        Batch memory batch
    ) private view returns (bytes memory refusal) {
        if (!_isAccredited(organisation, kind, time, batch)) {
            refusal = abi.encodeWithSelector(QualificationNotAccredited.selector, organisation, kind, time);
        }
    }

    /// @dev The author recorded the publication, is a mirror and is accredited for the register.
    function _checkMirror(
        bytes32 publication,
        Author memory author,
        Batch memory batch
    ) private view returns (bytes memory refusal, bytes32 register) {
        Publication storage p = _publications[publication];
        register = p.register;
        if (p.author != author.organisation) {
            refusal = abi.encodeWithSelector(
                QualificationPublicationForeign.selector,
                publication,
                author.organisation
            );
        } else if (_lacks(author, Roles.MIRROR)) {
            refusal = _roleMissing(author, Roles.MIRROR);
        } else {
            refusal = _checkAccredited(author.organisation, register, block.timestamp, batch);
        }
    }

    /// @dev An unstated date cannot be in the wrong order.
    function _checkDates(uint256 from, uint256 until) private pure returns (bytes memory refusal) {
        if (from != 0 && until != 0 && from >= until) return _datesReversed(from, until);
    }

    function _id(
        bytes32 source,
        bytes32 holder,
        bytes32 categoryKey,
        bytes32 model,
        bytes32 kind,
        bytes32 digest
    ) private pure returns (bytes32) {
        return keccak256(abi.encode(source, holder, categoryKey, model, kind, digest));
    }

    /// @dev The subject that chains the publications of one register by one mirror.
    function _register(bytes20 author, bytes32 registerKey) private pure returns (bytes32) {
        return keccak256(abi.encode(keccak256("register"), author, registerKey));
    }

    function _invalid(uint256 field, uint256 value) private pure returns (bytes memory) {
        return abi.encodeWithSelector(QualificationValueInvalid.selector, field, value);
    }

    function _textMissing(uint256 field) private pure returns (bytes memory) {
        return abi.encodeWithSelector(QualificationTextMissing.selector, field);
    }

    function _datesReversed(uint256 from, uint256 until) private pure returns (bytes memory) {
        return abi.encodeWithSelector(QualificationDatesReversed.selector, from, until);
    }

    function _categoryUnknown(bytes32 key) private pure returns (bytes memory) {
        return abi.encodeWithSelector(QualificationCategoryUnknown.selector, key);
    }

    function _exists(bytes32 id) private pure returns (bytes memory) {
        return abi.encodeWithSelector(QualificationExists.selector, id);
    }

    function _unknown(bytes32 id) private pure returns (bytes memory) {
        return abi.encodeWithSelector(QualificationUnknown.selector, id);
    }

    function _stateWrong(bytes32 id, uint8 state) private pure returns (bytes memory) {
        return abi.encodeWithSelector(QualificationStateWrong.selector, id, state);
    }

    function _notIssuer(bytes32 id, Author memory author) private pure returns (bytes memory) {
        return abi.encodeWithSelector(QualificationNotIssuer.selector, id, author.organisation);
    }
}
