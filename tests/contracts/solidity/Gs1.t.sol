// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Gs1} from "../../../contracts/base/Gs1.sol";

/// @title Lot numbers and check digits, against the tables of GS1 read digit by digit
contract Gs1Test {
    /// @dev GS1 AI encodable character set 82, as the figure of GS1's General Specifications lists it.
    bytes private constant SET_82 =
        "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

    /// @dev Calldata is what the library reads.
    function isLot(bytes calldata text) external pure returns (bool) {
        return Gs1.isLot(text);
    }

    /// @dev The text in the midst of other bytes, which must not count.
    function isLotWithin(
        bytes calldata before,
        bytes calldata text,
        bytes calldata behind
    ) external pure returns (bool) {
        before;
        behind;
        return Gs1.isLot(text);
    }

    function _isListed(bytes1 character) private pure returns (bool) {
        for (uint256 i = 0; i < SET_82.length; ++i) {
            if (SET_82[i] == character) return true;
        }
        return false;
    }

    function _expected(bytes memory text) private pure returns (bool good) {
        good = text.length >= 1 && text.length <= 20;
        for (uint256 i = 0; i < text.length && good; ++i) good = _isListed(text[i]);
    }

    function test_EveryCharacterAtEveryPlace() external view {
        require(SET_82.length == 82, "the set has another size");
        for (uint256 c = 0; c < 256; ++c) {
            bytes1 character = bytes1(uint8(c));
            for (uint256 length = 1; length <= 20; length += 19) {
                for (uint256 place = 0; place < length; place += 19) {
                    bytes memory text = _letters(length, 0);
                    text[place] = character;
                    require(this.isLot(text) == _isListed(character), "a character was misjudged");
                }
            }
        }
    }

    function test_Lengths() external view {
        for (uint256 length = 0; length < 70; ++length) {
            bool good = this.isLot(_letters(length, length));
            require(good == (length >= 1 && length <= 20), "a length was misjudged");
        }
    }

    function testFuzz_AnyBytes(bytes calldata text) external view {
        require(this.isLot(text) == _expected(text), "the two readers differ");
    }

    /// @dev Random bytes are hardly ever lot numbers: one bad character among good ones, or none.
    function testFuzz_OneCharacterAmongGoodOnes(
        uint256 seed,
        uint8 length,
        bytes1 character,
        bytes calldata before,
        bytes calldata behind
    ) external view {
        bytes memory text = _letters(1 + (length % 20), seed);
        text[seed % text.length] = character;
        bool good = this.isLotWithin(before, text, behind);
        require(good == _isListed(character), "a character was misjudged");
    }

    function _letters(uint256 count, uint256 seed) private pure returns (bytes memory text) {
        text = new bytes(count);
        for (uint256 i = 0; i < count; ++i) {
            text[i] = SET_82[uint256(keccak256(abi.encode(seed, i))) % 82];
        }
    }

    /// @dev GS1 General Specifications, section 7.9: from the left, the digits of an even number of
    /// places weigh 3, 1, 3 …, and the check digit fills their sum up to a multiple of ten.
    function _checkDigit(uint256 body, uint256 places) private pure returns (uint256) {
        uint256 sum = 0;
        uint256 unit = 10 ** (places - 1);
        for (uint256 i = 0; i < places; ++i) {
            uint256 digit = (body / unit) % 10;
            sum += i % 2 == 0 ? digit * 3 : digit;
            unit /= 10;
        }
        return (10 - (sum % 10)) % 10;
    }

    function testFuzz_OneDigitInTenIsRight(uint64 body, bool sscc) external pure {
        uint256 places = sscc ? 17 : 13;
        uint256 key = (body % 10 ** places) * 10;
        for (uint256 digit = 0; digit < 10; ++digit) {
            bool right = digit == _checkDigit(key / 10, places);
            require(Gs1.hasCheckDigit(key + digit) == right, "a check digit was misjudged");
        }
    }

    /// @dev What a check digit is for.
    function testFuzz_NoSingleDigitChangesUnseen(uint64 body, uint8 place, uint8 digit) external pure {
        uint256 key = (body % 10 ** 13) * 10;
        key += _checkDigit(key / 10, 13);
        uint256 unit = 10 ** (place % 14);
        uint256 old = (key / unit) % 10;
        uint256 changed = key - old * unit + (digit % 10) * unit;
        require(Gs1.hasCheckDigit(changed) == (old == digit % 10), "a wrong digit was not seen");
    }

    function test_KeysThatArePrintedOnGoods() external pure {
        require(Gs1.hasCheckDigit(4_006_381_333_931), "a GTIN-13");
        require(Gs1.hasCheckDigit(73_513_537), "a GTIN-8");
        require(Gs1.hasCheckDigit(614_141_007_349), "a GTIN-12");
        require(Gs1.hasCheckDigit(106_141_411_234_567_897), "an SSCC");
        require(!Gs1.hasCheckDigit(4_006_381_333_913), "two digits changed places");
    }
}
