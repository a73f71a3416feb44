// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev The forms of GS1 keys (GS1 General Specifications, sections 7.9 and 7.11).
library Gs1 {
    /// @dev Longest batch or lot number, AI (10).
    uint256 private constant LONGEST_LOT = 20;

    /// @dev Whether it is 1 to 20 characters of GS1's AI encodable character set 82: those from ! to z
    /// in ASCII without # $ @ [ \\ ] ^ and `. All are looked at in one word: adding to a
    /// byte without high bit sets that bit exactly if the byte is large enough.
    function isLot(bytes calldata text) internal pure returns (bool good) {
        if (text.length == 0 || text.length > LONGEST_LOT) return false;
        assembly ("memory-safe") {
            let ones := div(not(0), 0xff)
            // What lies behind the text reads as digits.
            let behind := shr(shl(3, text.length), not(0))
            let chars := or(and(calldataload(text.offset), not(behind)), and(mul(ones, 0x30), behind))
            let ascii := and(chars, mul(ones, 0x7f))
            // In the high bits: not ASCII, beyond z, # or $, from [ to ^, @ or `, before !.
            let wrong := or(chars, add(ascii, mul(ones, 0x05)))
            wrong := or(wrong, and(add(ascii, mul(ones, 0x5d)), not(add(ascii, mul(ones, 0x5b)))))
            wrong := or(wrong, and(add(ascii, mul(ones, 0x25)), not(add(ascii, mul(ones, 0x21)))))
            let upper := and(ascii, mul(ones, 0x5f))
            wrong := or(wrong, and(add(upper, mul(ones, 0x40)), not(add(upper, mul(ones, 0x3f)))))
            wrong := or(wrong, not(add(ascii, mul(ones, 0x5f))))
            good := iszero(and(wrong, mul(ones, 0x80)))
        }
    }

    /// @return Whether the last digit is the check digit of those before it (weights 3 and 1 from
    /// the right). GTIN and SSCC have the same; leading zeros change nothing.
    function hasCheckDigit(uint256 key) internal pure returns (bool) {
        uint256 sum = 0;
        unchecked {
            // Two digits at a time: n + 3 * (n / 10) and the weighted sum of n's digits, units once and
            // tens three times, differ by a multiple of ten. Two such pairs in a turn.
            for (; key != 0; key /= 10_000) {
                uint256 high = (key / 100) % 100;
                sum += (key % 100) + high + 3 * (((key % 100) / 10) + (high / 10));
            }
        }
        return sum % 10 == 0;
    }
}
