// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev Texts on the ledger are well-formed UTF-8 (RFC 3629, section 4) without the NUL character,
/// so that every reader and every database can hold every entry.
library Text {
    /// @dev Longest text of an entry, in bytes.
    uint256 internal constant LONGEST = 2047;

    /// @return Whether `b` is a well-formed text and not too long.
    function isWellFormed(bytes calldata b) internal pure returns (bool) {
        if (b.length > LONGEST) return false;
        for (uint256 i = 0; i < b.length; ) {
            uint256 step = _character(b, i);
            if (step == 0) return false;
            i += step;
        }
        return true;
    }

    /// @dev The length of the character that starts at `i`, or 0 where none is well formed.
    function _character(bytes calldata b, uint256 i) private pure returns (uint256) {
        uint256 lead = uint8(b[i]);
        if (lead < 0x80) return lead == 0 ? 0 : 1;
        if (lead < 0xc2 || lead > 0xf4) return 0;
        uint256 length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        if (i + length > b.length) return 0;
        uint256 second = uint8(b[i + 1]);
        // No overlong forms, no surrogates, nothing above U+10FFFF.
        uint256 low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        uint256 high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        if (second < low || second > high) return 0;
        for (uint256 k = 2; k < length; ++k) {
            if (uint8(b[i + k]) & 0xc0 != 0x80) return 0;
        }
        return length;
    }
}
