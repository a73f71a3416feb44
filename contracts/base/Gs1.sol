// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev The forms of GS1 keys (GS1 General Specifications, sections 7.9 and 7.11).
library Gs1 {
    /// @dev Longest batch or lot number, AI (10).
    uint256 private constant LONGEST_LOT = 20;

    /// @dev GS1 AI encodable character set 82: bit n stands for the character with the code n.
    uint256 private constant CHARACTER_SET_82 = 0x7fffffe87fffffeffffffe600000000;

    /// @return good Whether the text is a batch or lot number: 1 to 20 characters of set 82.
    function isLot(bytes calldata text) internal pure returns (bool good) {
        if (text.length == 0 || text.length > LONGEST_LOT) return false;
        uint256 set = CHARACTER_SET_82;
        assembly ("memory-safe") {
            let chars := calldataload(text.offset)
            good := 1
            for { let i := 0 } lt(i, text.length) { i := add(i, 1) } {
                good := and(good, shr(byte(i, chars), set))
            }
        }
    }

    /// @return Whether the last digit is the check digit of those before it (weights 3 and 1 from
    /// the right). GTIN and SSCC have the same; leading zeros change nothing.
    function hasCheckDigit(uint256 key) internal pure returns (bool) {
        uint256 sum = 0;
        unchecked {
            for (; key != 0; key /= 100) {
                sum += (key % 10) + 3 * ((key / 10) % 10);
            }
        }
        return sum % 10 == 0;
    }
}
