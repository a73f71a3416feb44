// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev So much of one lot.
struct Part {
    bytes32 lot;
    uint40 quantity;
}

/// @title Why a handing-over is refused
/// @notice What `IBatchLedger` and `ILogisticUnits` refuse by the same names.
interface ICustody {
    /// @notice A word outside its range, or a GTIN or SSCC with a wrong check digit; its place in the
    /// type, from 0.
    error BatchValueInvalid(uint256 field, uint256 value);
    /// @notice A text that must be given is not; its place in the type.
    error BatchTextMissing(uint256 field);
    /// @notice No parts, a part of nothing, or lots out of order or twice.
    error BatchPartsWrong();
    /// @notice It happened before this was there.
    error BatchTooEarly(bytes32 subject, uint256 since);
    /// @notice A hold or a recall of the lot stands.
    error BatchBlocked(bytes32 lot);
    /// @notice Nobody ships to himself.
    error BatchToOneself(bytes20 organisation);
    /// @notice The recipient is no active organisation that may have goods.
    error BatchRecipientUnfit(bytes20 organisation, uint8 status, uint256 roles);
}
