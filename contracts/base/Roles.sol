// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev What an organisation and an account within it may do: an act needs the bit in both.
library Roles {
    uint256 internal constant AUTHORITY = 1;
    uint256 internal constant ISSUER = 2;
    uint256 internal constant LABORATORY = 4;
    uint256 internal constant REVIEWER = 8;
    uint256 internal constant MIRROR = 16;
    uint256 internal constant SUPPLIER = 32;
    uint256 internal constant AUDITOR = 64;
    uint256 internal constant BUYER = 128;
    uint256 internal constant STORE = 256;

    /// @dev Who may have goods.
    uint256 internal constant CUSTODIAN = SUPPLIER | STORE | BUYER;
}
