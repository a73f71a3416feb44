// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {RegisteredEntries} from "./base/RegisteredEntries.sol";
import {Roles} from "./base/Roles.sol";
import {Fields} from "./base/SignedEntries.sol";
import {IBatchLedger} from "./interfaces/IBatchLedger.sol";
import {IBatchOversight} from "./interfaces/IBatchOversight.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";

/// @title What was found about lots, and which of them must stand still
/// @dev What it promises stands in `IBatchOversight`.
contract BatchOversight is IBatchOversight, RegisteredEntries {
    bytes32 private constant OVERSIGHT = keccak256("oversight");
    uint256 private constant PASSED = 1;
    uint256 private constant INCONCLUSIVE = 3;

    /// @dev A hold or a recall that stands; `ruled` if a quorum of the authority set it.
    struct Standing {
        bytes20 author;
        bool recall;
        bool ruled;
    }

    /// @inheritdoc IBatchOversight
    IBatchLedger public immutable ledger;

    mapping(bytes32 lotAndDigest => Standing) private _standings;
    mapping(bytes32 lot => uint256 count) private _counts;

    /// @dev Made by the ledger in its own constructor.
    constructor(
        IParticipantRegistry participants_
    ) EIP712("Suyuan BatchOversight", "1") RegisteredEntries(participants_) {
        ledger = IBatchLedger(msg.sender);
    }

    // ---------------------------------------------------------------- reading

    /// @inheritdoc IBatchOversight
    function standing(bytes32 lot, bytes32 digest) external view returns (bytes20, bool) {
        Standing storage s = _standings[_key(lot, digest)];
        return (s.author, s.recall);
    }

    /// @inheritdoc IBatchOversight
    function standings(bytes32 lot) external view returns (uint256) {
        return _counts[lot];
    }

    // ---------------------------------------------------------------- the actions' types

    bytes32 private constant INSPECT =
        keccak256(
            "Inspect(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 lot,uint40 sampledAt,uint8 result,bytes32 document,"
            "string standard,string number)"
        );
    bytes32 private constant HOLD =
        keccak256(
            "Hold(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 lot,bytes32 document,string reason)"
        );
    bytes32 private constant RECALL =
        keccak256(
            "Recall(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 lot,uint64 completeTo,bytes32 campaign,bytes32 document,string reason)"
        );
    bytes32 private constant RELEASE =
        keccak256(
            "Release(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 lot,bytes32 hold,bytes32 document,string reason)"
        );
    bytes32 private constant ACKNOWLEDGE =
        keccak256(
            "Acknowledge(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 lot,bytes32 recall,uint40 setAside,uint40 gone,string note)"
        );
    bytes32 private constant CORRECT =
        keccak256(
            "Correct(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 lot,bytes32 entry,bytes32 document,string text)"
        );
    bytes32 private constant MIRROR_RECALL =
        keccak256(
            "MirrorRecall(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes20 organisation,bytes32 publication,bytes32 document,"
            "uint40 initiated,uint40 ended,"
            "string register,string number,string product,string lots,string reason)"
        );

    function _kind(uint256 action) internal pure override returns (bytes32, bytes32, bool) {
        if (action == 1) return (INSPECT, hex"a00501a0_ffff", false);
        if (action == 2) return (HOLD, hex"a0a0_ff", false);
        if (action == 3) return (RECALL, hex"a008a0a0_ff", false);
        if (action == 4) return (RELEASE, hex"a0a0a0_ff", false);
        if (action == 5) return (ACKNOWLEDGE, hex"a0a00505_ff", false);
        if (action == 6) return (CORRECT, hex"a0a0a0_ff", false);
        if (action == 7) return (MIRROR_RECALL, hex"94a0a00505_ffffffffff", false);
        return (0, 0, false);
    }

    function _apply(
        uint256 action,
        Fields f,
        bytes32 digest,
        Author memory author,
        Batch memory batch
    ) internal override returns (bytes memory refusal) {
        if (action == 7) return _mirrorRecall(f, author, batch);
        bytes32 lot = f.word(3);
        (, , , uint40 madeAt, uint8 state) = ledger.lot(lot);
        if (state == 0) return abi.encodeWithSelector(OversightLotUnknown.selector, lot);
        if (action == 1) refusal = _checkInspection(f, madeAt, author, batch);
        else if (action <= 3) refusal = _stop(action == 3, f, digest, author, batch);
        else if (action == 4) refusal = _release(f, author, batch);
        else if (action == 5) refusal = _checkAcknowledgement(f, author);
        else if (f.word(6) == EMPTY) refusal = _textMissing(6); // a correction
        if (refusal.length != 0) return refusal;
        _move(batch, lot);
    }

    // ---------------------------------------------------------------- inspections

    function _checkInspection(
        Fields f,
        uint256 madeAt,
        Author memory author,
        Batch memory batch
    ) private view returns (bytes memory refusal) {
        uint256 sampledAt = f.number(4);
        uint256 result = f.number(5);
        bytes32 standard = f.word(7);
        if (_lacks(author, Roles.LABORATORY)) return _roleMissing(author, Roles.LABORATORY);
        if (sampledAt > f.number(HAPPENED_AT)) return _invalid(4, sampledAt);
        if (result < PASSED || result > INCONCLUSIVE) return _invalid(5, result);
        if (f.word(8) == EMPTY) return _textMissing(8);
        if (sampledAt < madeAt) {
            return abi.encodeWithSelector(OversightSampledBeforeMade.selector, sampledAt, madeAt);
        }
        if (!_isAccredited(author.organisation, standard, sampledAt, batch)) {
            return _notAccredited(author, standard, sampledAt);
        }
    }

    // ---------------------------------------------------------------- holds and recalls

    function _stop(
        bool recall,
        Fields f,
        bytes32 digest,
        Author memory author,
        Batch memory batch
    ) private returns (bytes memory refusal) {
        bytes32 lot = f.word(3);
        uint256 reason = recall ? 7 : 5;
        bool ruled = _isAuthority(author, batch);
        if (!ruled && !_mayStop(lot, author, batch)) {
            return abi.encodeWithSelector(OversightNoRight.selector, lot, author.organisation);
        }
        if (f.word(reason) == EMPTY) return _textMissing(reason);
        if (recall && f.number(4) > batch.sequence) return _invalid(4, f.number(4));
        // Another may sign the same words; his copy would take it from its author.
        bytes32 key = _key(lot, digest);
        if (_standings[key].author != 0) {
            return abi.encodeWithSelector(OversightStandsAlready.selector, lot, digest);
        }
        _standings[key] = Standing(author.organisation, recall, ruled);
        if (++_counts[lot] == 1) ledger.setBlocked(lot, true);
    }

    function _release(
        Fields f,
        Author memory author,
        Batch memory batch
    ) private returns (bytes memory refusal) {
        bytes32 lot = f.word(3);
        bytes32 key = _key(lot, f.word(4));
        Standing memory s = _standings[key];
        if (s.author == 0) return _notStanding(lot, f.word(4));
        // What a quorum set, one account of the same organisation does not lift.
        bool own = !s.ruled && author.organisation == s.author && _mayStop(lot, author, batch);
        if (!own && !_isAuthority(author, batch)) {
            return abi.encodeWithSelector(OversightNoRight.selector, lot, author.organisation);
        }
        if (f.word(6) == EMPTY) return _textMissing(6);
        delete _standings[key];
        if (--_counts[lot] == 0) ledger.setBlocked(lot, false);
    }

    /// @dev The lot's maker, or somebody accredited to oversee.
    function _mayStop(
        bytes32 lot,
        Author memory author,
        Batch memory batch
    ) private view returns (bool) {
        return
            (bytes20(lot) == author.organisation && !_lacks(author, Roles.CUSTODIAN)) ||
            _isAccredited(author.organisation, OVERSIGHT, block.timestamp, batch);
    }

    function _checkAcknowledgement(
        Fields f,
        Author memory author
    ) private view returns (bytes memory refusal) {
        bytes32 lot = f.word(3);
        Standing storage s = _standings[_key(lot, f.word(4))];
        if (_lacks(author, Roles.CUSTODIAN)) return _roleMissing(author, Roles.CUSTODIAN);
        if (s.author == 0 || !s.recall) return _notStanding(lot, f.word(4));
    }

    function _mirrorRecall(
        Fields f,
        Author memory author,
        Batch memory batch
    ) private view returns (bytes memory refusal) {
        bytes20 firm = bytes20(f.word(3));
        bytes32 register = f.word(8);
        if (_lacks(author, Roles.MIRROR)) return _roleMissing(author, Roles.MIRROR);
        if (!_isAccredited(author.organisation, register, block.timestamp, batch)) {
            return _notAccredited(author, register, block.timestamp);
        }
        bytes32 subject = keccak256(
            abi.encode(keccak256("register"), author.organisation, register)
        );
        if (batch.entryLog.heads(subject) == 0) {
            return abi.encodeWithSelector(OversightNothingPublished.selector, register);
        }
        (uint8 status, , ) = _participants.organisation(firm);
        if (status == 0) return abi.encodeWithSelector(OversightFirmUnknown.selector, firm);
        if (f.word(9) == EMPTY) return _textMissing(9);
        if (f.number(7) != 0 && f.number(7) < f.number(6)) return _invalid(7, f.number(7));
        _move(batch, firm);
    }

    // ---------------------------------------------------------------- shared

    function _key(bytes32 lot, bytes32 digest) private pure returns (bytes32) {
        return keccak256(abi.encode(lot, digest));
    }

    function _invalid(uint256 field, uint256 value) private pure returns (bytes memory) {
        return abi.encodeWithSelector(OversightValueInvalid.selector, field, value);
    }

    function _textMissing(uint256 field) private pure returns (bytes memory) {
        return abi.encodeWithSelector(OversightTextMissing.selector, field);
    }

    function _notAccredited(
        Author memory author,
        bytes32 kind,
        uint256 time
    ) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(
                OversightNotAccredited.selector,
                author.organisation,
                kind,
                time
            );
    }

    function _notStanding(bytes32 lot, bytes32 digest) private pure returns (bytes memory) {
        return abi.encodeWithSelector(OversightNotStanding.selector, lot, digest);
    }
}
