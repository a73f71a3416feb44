// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Text} from "../../../contracts/base/Text.sol";

/// @title UTF-8, against a reader that follows RFC 3629 letter by letter
contract TextTest {
    /// @dev Calldata is what the library reads.
    function isWellFormed(bytes calldata b) external pure returns (bool) {
        return Text.isWellFormed(b);
    }

    /// @dev The syntax of RFC 3629, section 4, one line for each of its productions, without NUL.
    function expected(bytes memory b) public pure returns (bool) {
        if (b.length > Text.LONGEST) return false;
        uint256 i = 0;
        while (i < b.length) {
            uint8 lead = uint8(b[i]);
            if (lead >= 0x01 && lead <= 0x7f) i += 1;
            else if (lead >= 0xc2 && lead <= 0xdf && _tail(b, i + 1, 0x80, 0xbf)) i += 2;
            else if (lead == 0xe0 && _tail(b, i + 1, 0xa0, 0xbf) && _any(b, i + 2)) i += 3;
            else if (lead >= 0xe1 && lead <= 0xec && _any(b, i + 1) && _any(b, i + 2)) i += 3;
            else if (lead == 0xed && _tail(b, i + 1, 0x80, 0x9f) && _any(b, i + 2)) i += 3;
            else if (lead >= 0xee && lead <= 0xef && _any(b, i + 1) && _any(b, i + 2)) i += 3;
            else if (lead == 0xf0 && _tail(b, i + 1, 0x90, 0xbf) && _two(b, i + 2)) i += 4;
            else if (lead >= 0xf1 && lead <= 0xf3 && _any(b, i + 1) && _two(b, i + 2)) i += 4;
            else if (lead == 0xf4 && _tail(b, i + 1, 0x80, 0x8f) && _two(b, i + 2)) i += 4;
            else return false;
        }
        return true;
    }

    function _tail(bytes memory b, uint256 i, uint8 low, uint8 high) private pure returns (bool) {
        return i < b.length && uint8(b[i]) >= low && uint8(b[i]) <= high;
    }

    function _any(bytes memory b, uint256 i) private pure returns (bool) {
        return _tail(b, i, 0x80, 0xbf);
    }

    function _two(bytes memory b, uint256 i) private pure returns (bool) {
        return _any(b, i) && _any(b, i + 1);
    }

    function _agree(bytes memory b) private view {
        require(this.isWellFormed(b) == expected(b), "the two readers differ");
    }

    function testFuzz_AnyBytes(bytes calldata b) external view {
        _agree(b);
    }

    /// @dev Random bytes are hardly ever well formed: these are drawn from where the rules change.
    function testFuzz_BytesAtTheBorders(uint256 seed, uint8 length) external view {
        bytes memory edges =
            hex"00017f808f909fa0bfc0c1c2dfe0e1e4ecedeef0f1f3f4f5ff41e58fa3e7bda980bf9080";
        bytes memory b = new bytes(length % 70);
        for (uint256 i = 0; i < b.length; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            b[i] = edges[seed % edges.length];
        }
        _agree(b);
    }

    /// @dev Every Unicode scalar value but NUL is taken, within ASCII on both sides.
    function testFuzz_EveryCharacter(uint32 point, uint8 before, uint8 behind) external view {
        point = point % 0x110000;
        bytes memory character = _encode(point);
        bytes memory text = abi.encodePacked(_letters(before % 40), character, _letters(behind % 40));
        bool surrogate = point >= 0xd800 && point <= 0xdfff;
        require(this.isWellFormed(text) == (point != 0 && !surrogate), "a character was misjudged");
        _agree(text);
    }

    /// @dev A text that ends within a character.
    function testFuzz_CutShort(uint32 point, uint8 cut) external view {
        bytes memory character = _encode(0x800 + (point % 0x10f800));
        bytes memory b = new bytes(1 + (cut % (character.length - 1)));
        for (uint256 i = 0; i < b.length; ++i) b[i] = character[i];
        require(!this.isWellFormed(b), "half a character was taken");
    }

    function test_Lengths() external view {
        require(this.isWellFormed(""), "the empty text");
        require(this.isWellFormed(_letters(2047)), "the longest text");
        require(!this.isWellFormed(_letters(2048)), "one byte more");
    }

    function _letters(uint256 count) private pure returns (bytes memory b) {
        b = new bytes(count);
        for (uint256 i = 0; i < count; ++i) b[i] = bytes1(uint8(0x61 + (i % 26)));
    }

    /// @dev UTF-8 of a number, also of one that is no character.
    function _encode(uint32 p) private pure returns (bytes memory) {
        if (p < 0x80) return abi.encodePacked(uint8(p));
        if (p < 0x800) return abi.encodePacked(uint8(0xc0 | (p >> 6)), uint8(0x80 | (p & 0x3f)));
        if (p < 0x10000) {
            return
                abi.encodePacked(
                    uint8(0xe0 | (p >> 12)),
                    uint8(0x80 | ((p >> 6) & 0x3f)),
                    uint8(0x80 | (p & 0x3f))
                );
        }
        return
            abi.encodePacked(
                uint8(0xf0 | (p >> 18)),
                uint8(0x80 | ((p >> 12) & 0x3f)),
                uint8(0x80 | ((p >> 6) & 0x3f)),
                uint8(0x80 | (p & 0x3f))
            );
    }
}
