// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev Texts on the ledger are well-formed UTF-8 (RFC 3629, section 4) without the NUL character,
/// so that every reader and every database can hold every entry.
library Text {
    /// @dev Longest text of an entry, in bytes.
    uint256 internal constant LONGEST = 2047;

    /// @return good Whether `b` is a well-formed text and not too long.
    ///
    /// Written by hand, for names in Chinese are as frequent here as others. Each turn reads a word
    /// and takes one character off its front, or 32 at once if all are ASCII. What is read
    /// behind the end does no harm: a character that goes beyond it leaves `place` beyond it too.
    function isWellFormed(bytes calldata b) internal pure returns (bool good) {
        if (b.length > LONGEST) return false;
        assembly ("memory-safe") {
            let ones := div(not(0), 0xff)
            let highs := shl(7, ones)
            let place := b.offset
            let end := add(place, b.length)
            for {} lt(place, end) {} {
                let chars := calldataload(place)
                let lead := byte(0, chars)
                if lt(lead, 0x80) {
                    if iszero(lead) { break }
                    // No byte has its high bit, nor borrowed one for being NUL.
                    if iszero(and(or(chars, sub(chars, ones)), highs)) {
                        let next := add(place, 32)
                        if iszero(gt(next, end)) {
                            place := next
                            continue
                        }
                    }
                    place := add(place, 1)
                    continue
                }
                switch shr(4, lead)
                case 0xe {
                    chars := shr(232, chars)
                    if xor(and(chars, 0xf0c0c0), 0xe08080) { break }
                    // The bits above the eleven that two bytes can hold; U+D800 to U+DFFF.
                    chars := and(chars, 0x0f2000)
                    if or(iszero(chars), eq(chars, 0x0d2000)) { break }
                    place := add(place, 3)
                }
                case 0xf {
                    chars := shr(224, chars)
                    if xor(and(chars, 0xf8c0c0c0), 0xf0808080) { break }
                    // From U+10000 to U+10FFFF.
                    chars := and(chars, 0x07300000)
                    if or(iszero(chars), gt(chars, 0x04000000)) { break }
                    place := add(place, 4)
                }
                default {
                    chars := shr(240, chars)
                    if xor(and(chars, 0xe0c0), 0xc080) { break }
                    // More than the seven bits that one byte can hold.
                    if iszero(and(chars, 0x1e00)) { break }
                    place := add(place, 2)
                }
            }
            good := eq(place, end)
        }
    }
}
