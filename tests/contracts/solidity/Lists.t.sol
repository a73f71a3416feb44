// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {EntryLog} from "../../../contracts/EntryLog.sol";
import {Fields, SignedEntries} from "../../../contracts/base/SignedEntries.sol";
import {IEntryLog} from "../../../contracts/interfaces/IEntryLog.sol";
import {Actor} from "../../../contracts/interfaces/IParticipantRegistry.sol";

/// @dev The runner's cheat codes that are used here.
interface Cheats {
    function sign(
        uint256 key,
        bytes32 digest
    ) external pure returns (uint8 v, bytes32 r, bytes32 s);

    function addr(uint256 key) external pure returns (address);
}

struct Coin {
    bytes32 id;
    uint40 amount;
    bool good;
}

struct Name {
    bytes20 who;
}

/// @dev Keeps what it read of the last entry: `Put(…, uint16 number, string text, Coin[] coins,
/// Name[] names)`. One account may sign.
contract Reader is SignedEntries {
    bytes32 public constant PUT =
        keccak256(
            "Put(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "uint16 number,string text,Coin[] coins,Name[] names)"
            "Coin(bytes32 id,uint40 amount,bool good)Name(bytes20 who)"
        );
    bytes32 public constant COIN = keccak256("Coin(bytes32 id,uint40 amount,bool good)");
    bytes32 public constant NAME = keccak256("Name(bytes20 who)");

    EntryLog public immutable log = new EntryLog();
    address private immutable _signer;

    bytes32 public read;

    constructor(address signer) EIP712("Suyuan Reader", "1") {
        _signer = signer;
        log.admit(address(this));
    }

    function separator() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    function _kind(uint256 action) internal pure override returns (bytes32, bytes32, bool) {
        return action == 1 ? (PUT, bytes32(hex"02_ff"), false) : (bytes32(0), bytes32(0), false);
    }

    function _lists(uint256) internal pure override returns (bytes32) {
        return hex"0102";
    }

    function _itemType(uint256 kind) internal pure override returns (bytes32) {
        return kind == 1 ? COIN : NAME;
    }

    function _unpackItem(
        uint256 kind,
        uint256 next,
        uint256 place
    ) internal pure override returns (uint256 end, uint256 behind) {
        assembly ("memory-safe") {
            switch kind
            case 1 {
                let good := byte(0, calldataload(add(next, 37)))
                mstore(place, calldataload(next))
                mstore(add(place, 0x20), shr(216, calldataload(add(next, 32))))
                mstore(add(place, 0x40), good)
                end := mul(add(next, 38), lt(good, 2))
                behind := add(place, 0x60)
            }
            default {
                mstore(place, shl(96, shr(96, calldataload(next))))
                end := add(next, 20)
                behind := add(place, 0x20)
            }
        }
    }

    function _apply(
        uint256,
        Fields f,
        bytes32,
        Author memory,
        Batch memory batch
    ) internal override returns (bytes memory refusal) {
        Coin[] memory coins = new Coin[](f.number(8));
        Fields items = Fields.wrap(f.number(7));
        for (uint256 i = 0; i < coins.length; ++i) {
            coins[i] = Coin(
                items.word(3 * i),
                uint40(items.number(3 * i + 1)),
                items.number(3 * i + 2) == 1
            );
        }
        Name[] memory names = new Name[](f.number(10));
        items = Fields.wrap(f.number(9));
        for (uint256 i = 0; i < names.length; ++i) names[i] = Name(bytes20(items.word(i)));
        read = keccak256(abi.encode(coins, names));
        _move(batch, bytes32(uint256(1)));
        return refusal;
    }

    function _log() internal view override returns (IEntryLog) {
        return log;
    }

    function _limits() internal pure override returns (uint256, uint256) {
        return (1, type(uint64).max);
    }

    function _actor(address account, Batch memory) internal view override returns (Actor memory) {
        return Actor(bytes20(account), 0, account == _signer);
    }
}

/// @title Lists behind an entry's fields, against EIP-712 as the compiler encodes it
contract ListsTest {
    Cheats private constant CHEATS =
        Cheats(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint256 private constant KEY = 0xa11ce;

    Reader private _reader;
    uint64 private _nonce;

    function setUp() external {
        _reader = new Reader(CHEATS.addr(KEY));
    }

    function _coins(uint256 seed, uint256 count) private pure returns (Coin[] memory coins) {
        coins = new Coin[](count);
        for (uint256 i = 0; i < count; ++i) {
            seed = uint256(keccak256(abi.encode(seed, i)));
            coins[i] = Coin(bytes32(seed), uint40(seed), seed & (1 << 99) == 0);
        }
    }

    function _names(uint256 seed, uint256 count) private pure returns (Name[] memory names) {
        names = new Name[](count);
        for (uint256 i = 0; i < count; ++i) names[i] = Name(bytes20(keccak256(abi.encode(seed, i))));
    }

    function _hash(Coin[] memory coins) private view returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](coins.length);
        for (uint256 i = 0; i < coins.length; ++i) {
            hashes[i] = keccak256(
                abi.encode(_reader.COIN(), coins[i].id, coins[i].amount, coins[i].good)
            );
        }
        return keccak256(abi.encodePacked(hashes));
    }

    function _hash(Name[] memory names) private view returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](names.length);
        for (uint256 i = 0; i < names.length; ++i) {
            hashes[i] = keccak256(abi.encode(_reader.NAME(), names[i].who));
        }
        return keccak256(abi.encodePacked(hashes));
    }

    function _packed(
        string memory text,
        Coin[] memory coins,
        Name[] memory names
    ) private returns (bytes memory entry) {
        uint64 nonce = _nonce++;
        bytes32 structHash = keccak256(
            abi.encode(
                _reader.PUT(),
                nonce,
                uint40(0),
                type(uint40).max,
                uint16(7),
                keccak256(bytes(text)),
                _hash(coins),
                _hash(names)
            )
        );
        bytes32 digest = keccak256(
            abi.encodePacked(hex"1901", _reader.separator(), structHash)
        );
        (uint8 v, bytes32 r, bytes32 s) = CHEATS.sign(KEY, digest);
        bytes32 vs = bytes32((uint256(v - 27) << 255) | uint256(s));
        entry = abi.encodePacked(uint8(1), uint8(1), r, vs, nonce, uint40(0), type(uint40).max);
        entry = abi.encodePacked(entry, uint16(7), uint16(bytes(text).length), text);
        entry = abi.encodePacked(entry, uint8(coins.length));
        for (uint256 i = 0; i < coins.length; ++i) {
            entry = abi.encodePacked(entry, coins[i].id, coins[i].amount, coins[i].good);
        }
        entry = abi.encodePacked(entry, uint8(names.length));
        for (uint256 i = 0; i < names.length; ++i) entry = abi.encodePacked(entry, names[i].who);
    }

    /// @dev The entry stands between others, so that what lies around it is no zeros.
    function _record(bytes memory entry) private returns (bool accepted) {
        bytes[] memory entries = new bytes[](3);
        (entries[0], entries[1], entries[2]) = (hex"ffff", entry, entry);
        IEntryLog entryLog = _reader.log();
        uint256 before = entryLog.size();
        _reader.record(entries);
        // The copy behind it is never taken: its nonce is used.
        accepted = entryLog.size() == before + 1;
        require(accepted || entryLog.size() == before, "an entry was recorded twice");
    }

    function testFuzz_WhatWasSignedIsWhatIsRead(
        uint256 seed,
        uint8 coinCount,
        uint8 nameCount,
        uint8 length
    ) external {
        bytes memory text = new bytes(length);
        for (uint256 i = 0; i < length; ++i) text[i] = "x";
        Coin[] memory coins = _coins(seed, coinCount % 9);
        Name[] memory names = _names(seed, nameCount % 9);
        require(_record(_packed(string(text), coins, names)), "a good entry was refused");
        require(_reader.read() == keccak256(abi.encode(coins, names)), "it was misread");
    }

    function testFuzz_NoLongerListIsTaken(uint256 seed, uint8 count, bool first) external {
        uint256 many = 9 + (count % 20);
        Coin[] memory coins = _coins(seed, first ? many : seed % 9);
        Name[] memory names = _names(seed, first ? seed % 9 : many);
        require(!_record(_packed("", coins, names)), "too long a list was taken");
    }

    function testFuzz_NoAlteredByteIsTaken(uint256 seed, uint16 place, uint8 change) external {
        if (change == 0) return;
        bytes memory entry = _packed("text", _coins(seed, seed % 9), _names(seed, seed % 7));
        uint256 spot = place % entry.length;
        entry[spot] = bytes1(uint8(entry[spot]) ^ change);
        require(!_record(entry), "an altered entry was taken");
    }

    function testFuzz_NoOtherLengthIsTaken(uint256 seed, uint16 cut, bytes calldata more) external {
        bytes memory entry = _packed("text", _coins(seed, seed % 9), _names(seed, seed % 7));
        if (more.length != 0) require(!_record(abi.encodePacked(entry, more)), "one that goes on");
        bytes memory short = new bytes(cut % entry.length);
        for (uint256 i = 0; i < short.length; ++i) short[i] = entry[i];
        require(!_record(short), "one that was cut");
        require(_record(entry), "the whole one was refused");
    }

    function testFuzz_AnyListsAreAnsweredWithoutReverting(bytes calldata lists) external {
        bytes memory head = abi.encodePacked(uint8(1), uint8(1), new bytes(64), new bytes(22));
        require(!_record(abi.encodePacked(head, lists)), "noise was recorded");
    }
}
