// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEntryLog} from "./interfaces/IEntryLog.sol";

/// @title The log of every accepted entry
/// @dev What it promises stands in `IEntryLog`.
contract EntryLog is IEntryLog {
    /// @inheritdoc IEntryLog
    uint256 public size;
    /// @inheritdoc IEntryLog
    bytes32 public root;
    /// @inheritdoc IEntryLog
    mapping(bytes32 subject => bytes32 leaf) public heads;
    /// @inheritdoc IEntryLog
    mapping(address ledger => bool admitted) public isAdmitted;
    /// @dev The roots of the complete subtrees: level l holds one exactly when bit l of `size` is set.
    mapping(uint256 level => bytes32 node) private _frontier;

    /// @inheritdoc IEntryLog
    address public immutable registrar;

    constructor() {
        registrar = msg.sender;
        _admit(msg.sender);
    }

    /// @inheritdoc IEntryLog
    function admit(address ledger) external {
        if (msg.sender != registrar) revert EntryLogNotRegistrar(msg.sender);
        if (!isAdmitted[ledger]) _admit(ledger);
    }

    /// @inheritdoc IEntryLog
    function append(bytes32[] calldata items) external {
        if (!isAdmitted[msg.sender]) revert EntryLogNotAdmitted(msg.sender);

        uint256 first = size;
        uint256 next = first;
        bytes32[] memory frontier = _loadFrontier(first);
        for (uint256 start = 0; start < items.length; ) {
            unchecked {
                // Neither numbers of leaves nor of words come near 2**256.
                uint256 subjects = uint256(items[start + 2]);
                _push(frontier, next, _leaf(next, items, start, subjects));
                start += 3 + subjects;
                ++next;
            }
        }

        size = next;
        bytes32 newRoot = _storeFrontier(frontier, first, next);
        root = newRoot;
        emit Appended(first, next - first, newRoot);
    }

    function _admit(address ledger) private {
        isAdmitted[ledger] = true;
        emit ContractAdmitted(ledger);
    }

    /// @dev Hashes the entry that starts at `start` into its leaf and moves the head of each of its
    /// subjects to it. Written by hand because this runs for every entry of the ledger.
    function _leaf(
        uint256 sequence,
        bytes32[] calldata items,
        uint256 start,
        uint256 subjects
    ) private returns (bytes32 leaf) {
        assembly ("memory-safe") {
            let item := add(items.offset, shl(5, start))
            let preimage := mload(0x40)
            // The words start one byte in, after the leaf prefix 0x00.
            mstore8(preimage, 0)
            mstore(add(preimage, 0x01), sequence)
            mstore(add(preimage, 0x21), timestamp())
            mstore(add(preimage, 0x41), caller())
            calldatacopy(add(preimage, 0x61), item, 0x60)
            let end := add(preimage, 0xc1)
            let first := add(item, 0x60)
            let last := add(first, shl(5, subjects))
            // Each subject's place in the storage is kept behind the preimage.
            let slots := add(end, shl(6, subjects))
            mstore(0x20, heads.slot)
            for {
                let place := first
            } lt(place, last) {
                place := add(place, 0x20)
            } {
                let subject := calldataload(place)
                mstore(0x00, subject)
                let slot := keccak256(0x00, 0x40)
                mstore(slots, slot)
                slots := add(slots, 0x20)
                mstore(end, subject)
                mstore(add(end, 0x20), sload(slot))
                end := add(end, 0x40)
            }
            leaf := keccak256(preimage, sub(end, preimage))
            for {} lt(end, slots) {} {
                slots := sub(slots, 0x20)
                sstore(mload(slots), leaf)
            }
        }
    }

    /// @dev Adds a leaf to the frontier of a tree that has `count` leaves: joins it, level by level,
    /// with the subtrees that it completes. By hand as `_leaf`, and with the node hash of `_node`.
    function _push(bytes32[] memory frontier, uint256 count, bytes32 node) private pure {
        assembly ("memory-safe") {
            let place := add(frontier, 0x20)
            mstore8(0x00, 0x01)
            for {} and(count, 1) {} {
                mstore(0x01, mload(place))
                mstore(0x21, node)
                node := keccak256(0x00, 0x41)
                count := shr(1, count)
                place := add(place, 0x20)
            }
            mstore8(0x40, 0x00)
            mstore(place, node)
        }
    }

    /// @dev Memory for 64 levels: more leaves than there will ever be blocks.
    function _loadFrontier(uint256 count) private view returns (bytes32[] memory frontier) {
        frontier = new bytes32[](64);
        for (uint256 level = 0; count >> level != 0; ++level) {
            if ((count >> level) & 1 == 1) frontier[level] = _frontier[level];
        }
    }

    /// @dev Writes back the levels that changed and folds all of them into the root.
    function _storeFrontier(
        bytes32[] memory frontier,
        uint256 before,
        uint256 count
    ) private returns (bytes32 folded) {
        for (uint256 level = 0; count >> level != 0; ++level) {
            if ((count >> level) & 1 == 0) continue;
            // Above the highest bit in which the sizes differ, no subtree was touched.
            if ((count ^ before) >> level != 0) _frontier[level] = frontier[level];
            folded = folded == 0 ? frontier[level] : _node(frontier[level], folded);
        }
    }

    function _node(bytes32 left, bytes32 right) private pure returns (bytes32 node) {
        assembly ("memory-safe") {
            // 65 bytes, over the scratch space and the first byte of the free memory pointer,
            // which is restored by being zero: no pointer reaches 2**248.
            mstore8(0x00, 0x01)
            mstore(0x01, left)
            mstore(0x21, right)
            node := keccak256(0x00, 0x41)
            mstore8(0x40, 0x00)
        }
    }
}
