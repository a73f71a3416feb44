// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Fields, SignedEntries} from "../../../contracts/base/SignedEntries.sol";
import {Roles} from "../../../contracts/base/Roles.sol";
import {IEntryLog} from "../../../contracts/interfaces/IEntryLog.sol";
import {Actor, IParticipantRegistry} from "../../../contracts/interfaces/IParticipantRegistry.sol";
import {IQualificationRegistry} from "../../../contracts/interfaces/IQualificationRegistry.sol";

/// @title A ledger contract that is deployed beside the others, later
/// @dev Two actions: `Note(…, bytes32 about, string text)` by any live account, and
/// `Make(…, string category, bytes32 digest)` by a supplier that one issued qualification of its
/// own, of the one kind that the category requires, entitles to it.
contract LaterLedger is SignedEntries {
    error LaterNothingToSay();

    IParticipantRegistry private immutable _participants;
    IQualificationRegistry private immutable _qualifications;

    bytes32 private constant NOTE =
        keccak256("Note(uint64 nonce,uint40 happenedAt,uint40 deadline,bytes32 about,string text)");
    bytes32 private constant MAKE =
        keccak256(
            "Make(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes20 issuer,bytes32 kind,bytes32 digest,string category)"
        );

    mapping(bytes20 holder => uint256) public made;

    constructor(IQualificationRegistry qualifications) EIP712("Suyuan LaterLedger", "1") {
        _qualifications = qualifications;
        _participants = qualifications.participants();
    }

    function _kind(uint256 action) internal pure override returns (bytes32, bytes32, bool) {
        if (action == 1) return (NOTE, hex"a0_ff", false);
        if (action == 2) return (MAKE, hex"94a0a0_ff", false);
        return (0, 0, false);
    }

    function _apply(
        uint256 action,
        Fields f,
        bytes32,
        Author memory author,
        Batch memory batch
    ) internal override returns (bytes memory refusal) {
        if (action == 1) {
            if (f.word(4) == EMPTY) return abi.encodeWithSelector(LaterNothingToSay.selector);
            _move(batch, f.word(3));
            return refusal;
        }
        if (_lacks(author, Roles.SUPPLIER)) return _roleMissing(author, Roles.SUPPLIER);
        IQualificationRegistry.Citation[] memory cited = new IQualificationRegistry.Citation[](1);
        cited[0] = IQualificationRegistry.Citation(
            bytes20(f.word(3)),
            0,
            f.word(4),
            f.word(5),
            true
        );
        refusal = _qualifications.gate(
            author.organisation,
            f.word(6),
            EMPTY,
            f.number(HAPPENED_AT),
            cited
        );
        if (refusal.length != 0) return refusal;
        ++made[author.organisation];
        _move(batch, author.organisation);
    }

    function _log() internal view override returns (IEntryLog) {
        return _participants.log();
    }

    function _limits() internal view override returns (uint256, uint256) {
        return _participants.limits();
    }

    function _actor(address account, Batch memory) internal view override returns (Actor memory) {
        return _participants.actor(account);
    }
}
