// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EntryLog} from "../../../contracts/EntryLog.sol";

/// @dev Makes a log, appends random entries to it, and keeps every leaf and every head itself.
contract Appender {
    EntryLog public immutable log = new EntryLog();
    bytes32[] public leaves;
    mapping(bytes32 subject => bytes32) public heads;

    /// @dev One transaction of up to 9 entries with 1 to 4 subjects out of 12. A tree of eight levels
    /// is enough: whoever checks it hashes all of it.
    function append(uint256 seed, uint8 count) external {
        if (leaves.length > 130) return;
        uint256 entries = 1 + (count % 9);
        bytes32[] memory items = new bytes32[](entries * 7);
        uint256 used = 0;
        for (uint256 e = 0; e < entries; ++e) {
            seed = uint256(keccak256(abi.encode(seed, e)));
            uint256 subjects = 1 + (seed % 4);
            (items[used], items[used + 1]) = (bytes32(seed), keccak256(abi.encode(seed)));
            items[used + 2] = bytes32(subjects);
            bytes memory leaf = abi.encode(
                leaves.length,
                block.timestamp,
                address(this),
                items[used],
                items[used + 1],
                subjects
            );
            for (uint256 s = 0; s < subjects; ++s) {
                // All different: three to choose from for each place.
                bytes32 subject = bytes32(1 + s * 3 + ((seed >> (8 + s)) % 3));
                items[used + 3 + s] = subject;
                leaf = abi.encodePacked(leaf, subject, heads[subject]);
            }
            bytes32 hash = keccak256(abi.encodePacked(bytes1(0), leaf));
            for (uint256 s = 0; s < subjects; ++s) heads[items[used + 3 + s]] = hash;
            leaves.push(hash);
            used += 3 + subjects;
        }
        assembly ("memory-safe") {
            mstore(items, used)
        }
        log.append(items);
    }

    /// @dev RFC 6962, section 2.1, as it is written there: the largest power of two below n splits.
    function naiveRoot(uint256 first, uint256 count) public view returns (bytes32) {
        if (count == 0) return 0;
        if (count == 1) return leaves[first];
        uint256 split = 1;
        while (split * 2 < count) split *= 2;
        bytes32 left = naiveRoot(first, split);
        bytes32 right = naiveRoot(first + split, count - split);
        return keccak256(abi.encodePacked(bytes1(0x01), left, right));
    }

    function leafCount() external view returns (uint256) {
        return leaves.length;
    }
}

/// @title The compact frontier against the whole tree
contract EntryLogTest {
    Appender private _appender;

    function setUp() external {
        _appender = new Appender();
    }

    /// @dev What the runner calls. Of itself it would call the log too, and even in the name of
    /// its registrar, who may of course admit and append.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_appender);
    }

    function _check() private view {
        EntryLog log = _appender.log();
        uint256 count = _appender.leafCount();
        require(log.size() == count, "the size is not the number of leaves");
        require(log.root() == _appender.naiveRoot(0, count), "the root is not the tree's");
        for (uint256 s = 1; s <= 12; ++s) {
            require(log.heads(bytes32(s)) == _appender.heads(bytes32(s)), "a head is wrong");
        }
    }

    /// @dev Between its calls the runner calls `Appender.append` with whatever it likes.
    function invariant_SizeRootAndHeadsAreThoseOfTheWholeTree() external view {
        _check();
    }

    function testFuzz_HoweverTheEntriesAreSplit(uint256 seed, uint8[5] calldata counts) external {
        for (uint256 i = 0; i < counts.length; ++i) {
            _appender.append(seed ^ i, counts[i]);
            _check();
        }
    }

    function testFuzz_NobodyElseAppends(address caller, bytes32[3] calldata item) external {
        EntryLog log = new EntryLog();
        if (caller == address(this)) return;
        bytes32[] memory items = new bytes32[](4);
        (items[0], items[1], items[2], items[3]) = (item[0], item[1], bytes32(uint256(1)), item[2]);
        Stranger stranger = new Stranger();
        require(!stranger.tryAppend(log, items), "a stranger appended");
        require(!stranger.tryAdmit(log, caller), "a stranger admitted");
        require(log.size() == 0 && log.root() == 0 && log.heads(item[2]) == 0, "it left a trace");
        log.append(items);
        require(log.size() == 1, "its registrar may append");
    }
}

contract Stranger {
    function tryAppend(EntryLog log, bytes32[] calldata items) external returns (bool done) {
        (done, ) = address(log).call(abi.encodeCall(log.append, (items)));
    }

    function tryAdmit(EntryLog log, address ledger) external returns (bool done) {
        (done, ) = address(log).call(abi.encodeCall(log.admit, (ledger)));
    }
}
