// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ParticipantRegistry} from "../../../contracts/ParticipantRegistry.sol";
import {IEntryLog} from "../../../contracts/interfaces/IEntryLog.sol";
import {Roles} from "../../../contracts/base/Roles.sol";

/// @dev The runner's cheat codes that are used here.
interface Cheats {
    function sign(
        uint256 key,
        bytes32 digest
    ) external pure returns (uint8 v, bytes32 r, bytes32 s);

    function addr(uint256 key) external pure returns (address);
}

/// @title Packed entries, against EIP-712 as the compiler encodes it
contract SignedEntriesTest {
    Cheats private constant CHEATS =
        Cheats(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint256 private constant KEY = 0xa11ce;
    uint40 private constant HAPPENED_AT_ONCE = 0;

    bytes32 private constant REGISTER =
        keccak256(
            "RegisterOrganisation(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "uint16 roles,uint64 division,"
            "string identifierKind,string identifier,string nameZh,string nameEn)"
        );
    bytes32 private constant DOMAIN =
        keccak256(
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        );

    ParticipantRegistry private _registry;
    IEntryLog private _log;

    function setUp() external {
        address[] memory accounts = new address[](1);
        accounts[0] = CHEATS.addr(KEY);
        _registry = new ParticipantRegistry("k", "i", "", "n", accounts, 1, type(uint64).max);
        _log = _registry.log();
    }

    struct Registration {
        uint64 nonce;
        uint16 roles;
        uint64 division;
        string identifier;
        string name;
    }

    function _pack(
        Registration memory r,
        uint256 key
    ) private view returns (bytes memory fields, bytes memory entry) {
        uint40 deadline = type(uint40).max;
        bytes32 structHash = keccak256(
            abi.encode(
                REGISTER,
                r.nonce,
                HAPPENED_AT_ONCE,
                deadline,
                r.roles,
                r.division,
                keccak256("kind"),
                keccak256(bytes(r.identifier)),
                keccak256(""),
                keccak256(bytes(r.name))
            )
        );
        bytes32 separator = keccak256(
            abi.encode(
                DOMAIN,
                keccak256("Suyuan ParticipantRegistry"),
                keccak256("1"),
                block.chainid,
                address(_registry)
            )
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", separator, structHash));
        (uint8 v, bytes32 sr, bytes32 s) = CHEATS.sign(key, digest);
        bytes32 vs = bytes32((uint256(v - 27) << 255) | uint256(s));
        fields = abi.encodePacked(r.nonce, HAPPENED_AT_ONCE, deadline, r.roles, r.division);
        fields = abi.encodePacked(fields, uint16(4), "kind");
        fields = abi.encodePacked(fields, uint16(bytes(r.identifier).length), r.identifier);
        fields = abi.encodePacked(fields, uint16(0), uint16(bytes(r.name).length), r.name);
        entry = abi.encodePacked(uint8(1), uint8(1), sr, vs, fields);
    }

    function _record(bytes memory entry) private returns (bool accepted) {
        bytes[] memory entries = new bytes[](1);
        entries[0] = entry;
        uint256 before = _log.size();
        bytes32 root = _log.root();
        _registry.record(entries);
        accepted = _log.size() == before + 1;
        if (!accepted) require(_log.root() == root, "a refused entry changed the root");
    }

    function _letters(uint256 seed, uint256 count) private pure returns (string memory) {
        bytes memory b = new bytes(count);
        for (uint256 i = 0; i < count; ++i) {
            b[i] = bytes1(uint8(0x21 + (uint256(keccak256(abi.encode(seed, i))) % 0x5e)));
        }
        return string(b);
    }

    function testFuzz_WhatWasPackedIsWhatIsRead(
        uint64 nonce,
        uint16 roles,
        uint64 division,
        uint256 seed,
        uint8 length
    ) external {
        Registration memory r = Registration(
            nonce,
            roles,
            division % 1_000_000_000_000,
            _letters(seed, 1 + (length % 100)),
            _letters(~seed, 1 + (seed % 70))
        );
        (, bytes memory entry) = _pack(r, KEY);
        require(_record(entry), "a good entry was refused");
        require(_registry.isNonceUsed(CHEATS.addr(KEY), nonce), "its nonce is free");
        bytes20 id = bytes20(
            keccak256(abi.encode(keccak256("kind"), keccak256(bytes(r.identifier))))
        );
        (uint8 status, uint256 storedRoles, uint64 storedDivision) = _registry.organisation(id);
        require(status == 2 && storedRoles == roles && storedDivision == r.division, "misread");
        require(!_record(entry), "it was recorded twice");
    }

    function testFuzz_NoAlteredByteIsTaken(uint256 seed, uint16 place, uint8 change) external {
        (, bytes memory entry) = _pack(Registration(1, 2, 3, _letters(seed, 9), "n"), KEY);
        if (change == 0) return;
        uint256 spot = place % entry.length;
        entry[spot] = bytes1(uint8(entry[spot]) ^ change);
        require(!_record(entry), "an altered entry was recorded");
    }

    function testFuzz_NoOtherKeySigns(uint128 key) external {
        if (key == 0 || key == KEY) return;
        (, bytes memory entry) = _pack(Registration(1, 2, 3, "i", "n"), key);
        require(!_record(entry), "a stranger's entry was recorded");
    }

    function testFuzz_AnyBytesAreAnsweredWithoutReverting(bytes calldata entry) external {
        require(!_record(entry), "noise was recorded");
    }

    function testFuzz_AnyFieldsAreAnsweredWithoutReverting(
        uint8 action,
        uint8 count,
        bytes calldata rest
    ) external {
        require(!_record(abi.encodePacked(action, count, rest)), "noise was recorded");
    }
}
