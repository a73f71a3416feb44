// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {CustodyEntries} from "./base/CustodyEntries.sol";
import {Gs1} from "./base/Gs1.sol";
import {Roles} from "./base/Roles.sol";
import {Fields} from "./base/SignedEntries.sol";
import {IBatchLedger} from "./interfaces/IBatchLedger.sol";
import {Part} from "./interfaces/ICustody.sol";
import {ILogisticUnits} from "./interfaces/ILogisticUnits.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";

/// @title Pallets and cartons: lots that travel together
/// @dev What it promises stands in `ILogisticUnits`.
contract LogisticUnits is ILogisticUnits, CustodyEntries {
    uint8 private constant PACKED = 1;
    uint8 private constant UNDER_WAY = 2;
    uint8 private constant TAKEN_APART = 3;

    uint256 private constant LARGEST_SSCC = 999_999_999_999_999_999;

    struct Unit {
        bytes20 holder;
        uint40 since;
        uint8 state;
        bytes32 contents;
        bytes20 recipient;
        uint40 due;
    }

    /// @inheritdoc ILogisticUnits
    IBatchLedger public immutable ledger;

    mapping(bytes32 id => Unit) private _units;

    /// @dev Made by the ledger in its own constructor.
    constructor(
        IParticipantRegistry participants_
    ) EIP712("Suyuan LogisticUnits", "1") CustodyEntries(participants_) {
        ledger = IBatchLedger(msg.sender);
    }

    // ---------------------------------------------------------------- reading

    /// @inheritdoc ILogisticUnits
    function unit(
        bytes32 id
    ) external view returns (bytes20, uint40, uint8, bytes32, bytes20, uint40) {
        Unit storage u = _units[id];
        return (u.holder, u.since, u.state, u.contents, u.recipient, u.due);
    }

    // ---------------------------------------------------------------- the actions' types

    bytes32 private constant AGGREGATE =
        keccak256(
            "Aggregate(uint64 nonce,uint40 happenedAt,uint40 deadline,uint64 sscc,Part[] parts)"
            "Part(bytes32 lot,uint40 quantity)"
        );
    bytes32 private constant TAKE_APART =
        keccak256(
            "TakeApart(uint64 nonce,uint40 happenedAt,uint40 deadline,bytes32 unit,Part[] parts)"
            "Part(bytes32 lot,uint40 quantity)"
        );
    bytes32 private constant SHIP_UNIT =
        keccak256(
            "ShipUnit(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 unit,bytes20 recipient,uint40 due,uint8 purpose,Part[] parts)"
            "Part(bytes32 lot,uint40 quantity)"
        );
    bytes32 private constant RECEIVE_UNIT =
        keccak256(
            "ReceiveUnit(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 unit,bool accepted,string reason,Part[] parts)"
            "Part(bytes32 lot,uint40 quantity)"
        );

    function _kind(uint256 action) internal pure override returns (bytes32, bytes32, bool) {
        if (action == 1) return (AGGREGATE, hex"08", false);
        if (action == 2) return (TAKE_APART, hex"a0", false);
        if (action == 3) return (SHIP_UNIT, hex"a0940501", false);
        if (action == 4) return (RECEIVE_UNIT, hex"a001_ff", false);
        return (0, 0, false);
    }

    /// @dev Every action ends in a list of parts.
    function _lists(uint256) internal pure override returns (bytes32) {
        return hex"01";
    }

    function _apply(
        uint256 action,
        Fields f,
        bytes32,
        Author memory author,
        Batch memory batch
    ) internal override returns (bytes memory refusal) {
        if (_lacks(author, Roles.CUSTODIAN)) return _roleMissing(author, Roles.CUSTODIAN);
        // Where the hash of the parts stands; where they are and how many there are follows it.
        uint256 place = action == 1 ? 4 : action == 2 ? 4 : action == 3 ? 7 : 6;
        Fields parts = Fields.wrap(f.number(place + 1));
        uint256 count = f.number(place + 2);
        bytes32 id = f.word(3);
        if (action == 1) {
            id = keccak256(abi.encode(keccak256("unit"), author.organisation, f.number(3)));
            refusal = _aggregate(id, f, parts, count, author);
        } else if (action == 2) {
            refusal = _takeApart(id, f, parts, count, author);
        } else if (action == 3) {
            refusal = _shipUnit(id, f, parts, count, author);
        } else {
            refusal = _receiveUnit(id, f, author);
        }
        if (refusal.length != 0) return refusal;
        _move(batch, id);
        for (uint256 i = 0; i < count; ++i) _move(batch, _partLot(parts, i));
    }

    // ---------------------------------------------------------------- packing

    function _aggregate(
        bytes32 id,
        Fields f,
        Fields parts,
        uint256 count,
        Author memory author
    ) private returns (bytes memory refusal) {
        uint256 sscc = f.number(3);
        uint256 packedAt = f.number(HAPPENED_AT);
        if (sscc == 0 || sscc > LARGEST_SSCC || !Gs1.hasCheckDigit(sscc)) return _invalid(3, sscc);
        Unit storage u = _units[id];
        if (u.state != 0) return _wrong(id, u.state);
        refusal = _checkParts(parts, count);
        if (refusal.length != 0) return refusal;
        refusal = ledger.setAside(author.organisation, packedAt, _list(parts, count));
        if (refusal.length != 0) return refusal;
        (u.holder, u.since, u.state) = (author.organisation, uint40(packedAt), PACKED);
        u.contents = f.word(4);
    }

    function _takeApart(
        bytes32 id,
        Fields f,
        Fields parts,
        uint256 count,
        Author memory author
    ) private returns (bytes memory refusal) {
        Unit storage u = _units[id];
        bool stranded = u.state == UNDER_WAY && block.timestamp >= u.due;
        refusal = _checkUnit(id, stranded ? UNDER_WAY : PACKED, f, f.word(4));
        if (refusal.length != 0) return refusal;
        if (u.holder != author.organisation) return _notHolder(id, author);
        u.state = TAKEN_APART;
        ledger.putBack(author.organisation, f.number(HAPPENED_AT), _list(parts, count));
    }

    // ---------------------------------------------------------------- handing over

    function _shipUnit(
        bytes32 id,
        Fields f,
        Fields parts,
        uint256 count,
        Author memory author
    ) private returns (bytes memory refusal) {
        bytes20 recipient = bytes20(f.word(4));
        uint256 due = f.number(5);
        uint256 purpose = f.number(6);
        uint256 sentAt = f.number(HAPPENED_AT);
        refusal = _checkSending(recipient, due, purpose, 5, sentAt, author);
        if (refusal.length != 0) return refusal;
        refusal = _checkUnit(id, PACKED, f, f.word(7));
        if (refusal.length != 0) return refusal;
        Unit storage u = _units[id];
        if (u.holder != author.organisation) return _notHolder(id, author);
        for (uint256 i = 0; i < count && purpose == ORDINARY; ++i) {
            (, , , , uint8 state) = ledger.lot(_partLot(parts, i));
            if (state & BLOCKED != 0) return _blocked(_partLot(parts, i));
        }
        (u.since, u.state) = (uint40(sentAt), UNDER_WAY);
        (u.recipient, u.due) = (recipient, uint40(due));
    }

    function _receiveUnit(
        bytes32 id,
        Fields f,
        Author memory author
    ) private returns (bytes memory refusal) {
        uint256 accepted = f.number(4);
        if (accepted > 1) return _invalid(4, accepted);
        if (accepted == 0 && f.word(5) == EMPTY) return _textMissing(5);
        refusal = _checkUnit(id, UNDER_WAY, f, f.word(6));
        if (refusal.length != 0) return refusal;
        Unit storage u = _units[id];
        if (u.recipient != author.organisation) return _notHolder(id, author);
        if (accepted == 1) u.holder = author.organisation;
        (u.since, u.state) = (uint40(f.number(HAPPENED_AT)), PACKED);
    }

    // ---------------------------------------------------------------- shared

    /// @dev The unit is in this state, holds these parts, and came into it before.
    function _checkUnit(
        bytes32 id,
        uint256 state,
        Fields f,
        bytes32 contents
    ) private view returns (bytes memory refusal) {
        Unit storage u = _units[id];
        if (u.state != state) return _wrong(id, u.state);
        if (u.contents != contents) return abi.encodeWithSelector(BatchUnitContents.selector, id);
        if (f.number(HAPPENED_AT) < u.since) return _tooEarly(id, u.since);
    }

    function _list(Fields parts, uint256 count) private pure returns (Part[] memory list) {
        list = new Part[](count);
        for (uint256 i = 0; i < count; ++i) {
            list[i] = Part(_partLot(parts, i), uint40(_partQuantity(parts, i)));
        }
    }

    function _wrong(bytes32 id, uint8 state) private pure returns (bytes memory) {
        return abi.encodeWithSelector(BatchUnitWrong.selector, id, state);
    }

    function _notHolder(bytes32 id, Author memory author) private pure returns (bytes memory) {
        return abi.encodeWithSelector(BatchNotHolder.selector, id, author.organisation);
    }
}
