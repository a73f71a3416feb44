// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICustody} from "../interfaces/ICustody.sol";
import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {RegisteredEntries} from "./RegisteredEntries.sol";
import {Roles} from "./Roles.sol";
import {Fields} from "./SignedEntries.sol";

/// @dev What the contracts share that hand goods over: lists of parts, and who may be sent what.
abstract contract CustodyEntries is ICustody, RegisteredEntries {
    /// @dev What a movement is for.
    uint256 internal constant ORDINARY = 0;
    uint256 private constant QUARANTINE = 2;

    /// @dev The bit of a lot's state that says that a hold or recall stands.
    uint256 internal constant BLOCKED = 8;

    uint8 private constant ACTIVE = 2;

    /// @dev The number of lists of parts, and an item's type and words: lot, quantity.
    uint256 internal constant PARTS = 1;
    bytes32 private constant PART = keccak256("Part(bytes32 lot,uint40 quantity)");
    uint256 private constant PART_WORDS = 2;

    constructor(IParticipantRegistry participants_) RegisteredEntries(participants_) {}

    function _mostItems() internal pure override returns (uint256) {
        return 3 + 1 + MOST_ITEMS;
    }

    function _unpackItem(
        uint256,
        uint256 next,
        uint256 place
    ) internal pure virtual override returns (uint256 end, uint256 behind) {
        assembly ("memory-safe") {
            mstore(place, calldataload(next))
            mstore(add(place, 0x20), shr(216, calldataload(add(next, 0x20))))
            end := add(next, 37)
            behind := add(place, 0x40)
        }
    }

    function _itemType(uint256) internal pure virtual override returns (bytes32) {
        return PART;
    }

    function _partLot(Fields parts, uint256 index) internal pure returns (bytes32) {
        return parts.word(index * PART_WORDS);
    }

    function _partQuantity(Fields parts, uint256 index) internal pure returns (uint256) {
        return parts.number(index * PART_WORDS + 1);
    }

    /// @dev At least one part, none of nothing, each of another lot, in the order of their ids.
    function _checkParts(Fields parts, uint256 count) internal pure returns (bytes memory refusal) {
        bytes32 last = 0;
        for (uint256 i = 0; i < count; ++i) {
            if (_partLot(parts, i) <= last || _partQuantity(parts, i) == 0) return _partsWrong();
            last = _partLot(parts, i);
        }
        if (count == 0) return _partsWrong();
    }

    /// @dev The recipient is another, active, and may have goods; the purpose is one.
    /// @param place Where `due` stands in the type; the purpose follows it.
    function _checkSending(
        bytes20 recipient,
        uint256 due,
        uint256 purpose,
        uint256 place,
        uint256 sentAt,
        Author memory author
    ) internal view returns (bytes memory refusal) {
        if (recipient == author.organisation) {
            return abi.encodeWithSelector(BatchToOneself.selector, recipient);
        }
        if (due <= sentAt || due > type(uint32).max) return _invalid(place, due);
        if (purpose > QUARANTINE) return _invalid(place + 1, purpose);
        (uint8 status, uint256 roles, ) = _participants.organisation(recipient);
        if (status != ACTIVE || roles & Roles.CUSTODIAN == 0) {
            return abi.encodeWithSelector(BatchRecipientUnfit.selector, recipient, status, roles);
        }
    }

    function _invalid(uint256 field, uint256 value) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(BatchValueInvalid.selector, field, value);
    }

    function _textMissing(uint256 field) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(BatchTextMissing.selector, field);
    }

    function _blocked(bytes32 lot) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(BatchBlocked.selector, lot);
    }

    function _tooEarly(bytes32 subject, uint256 since) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(BatchTooEarly.selector, subject, since);
    }

    function _partsWrong() private pure returns (bytes memory) {
        return abi.encodeWithSelector(BatchPartsWrong.selector);
    }
}
