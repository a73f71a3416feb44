// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IEntryLog} from "../interfaces/IEntryLog.sol";
import {ISignedEntries} from "../interfaces/ISignedEntries.sol";
import {Actor} from "../interfaces/IParticipantRegistry.sol";
import {Roles} from "./Roles.sol";
import {Text} from "./Text.sol";

/// @dev The fields of an entry as EIP-712 words in memory; a text is its keccak-256. Reading is not
/// bounded: an action reads only the fields of its own type, whose form was checked.
type Fields is uint256;

using {word, number} for Fields global;

function word(Fields f, uint256 index) pure returns (bytes32 value) {
    assembly ("memory-safe") {
        value := mload(add(f, shl(5, index)))
    }
}

function number(Fields f, uint256 index) pure returns (uint256) {
    return uint256(word(f, index));
}

/// @dev What every ledger contract shares: how an entry is read, checked, refused and logged.
/// A contract adds its actions by `_kind` (what an action looks like) and `_apply` (what it does).
///
/// A refusal is the ABI-encoded error, returned; empty bytes mean accepted (as the unset return
/// value, for a literal "" would be allocated). Nothing on the way
/// calls foreign code, so one entry cannot spend the gas of the others or revert them.
abstract contract SignedEntries is ISignedEntries, EIP712 {
    /// @dev A block's time may lag behind the author's clock by this much, in seconds.
    uint256 internal constant CLOCK_TOLERANCE = 10 minutes;

    /// @dev The longest list that an entry may carry.
    uint256 internal constant MOST_ITEMS = 8;

    /// @dev The bytes that are free before the items of a list in memory.
    uint256 private constant CALL_ROOM = 0xe0;

    /// @dev The places of the fields that every action starts with.
    uint256 private constant NONCE = 0;
    uint256 internal constant HAPPENED_AT = 1;
    uint256 private constant DEADLINE = 2;

    /// @dev What the word of an empty text is.
    bytes32 internal constant EMPTY = keccak256("");

    /// @dev Who signed an entry. `authorities` counts the authority accounts among the signers; `used`
    /// are the author's nonces that share a word with the entry's.
    struct Author {
        address[] signers;
        bytes20 organisation;
        uint256 roles;
        uint256 authorities;
        uint256 used;
        bool late;
    }

    /// @dev What one transaction carries from entry to entry. `items` points at the
    /// stream for `EntryLog.append`, `length` its used words, `moved` the subjects of the present entry, which
    /// stand behind them. `known` remembers the last account looked up
    /// (never the zero address, which is refused before), `actor` what was found; `askedOf` and
    /// `askedFor` what else a contract looked up last, and the two answers.
    struct Batch {
        IEntryLog entryLog;
        bytes32 domain;
        uint256 sequence;
        uint256 quorum;
        uint256 maxLateness;
        uint256 items;
        uint256 length;
        uint256 moved;
        address known;
        Actor actor;
        bytes20 askedOf;
        bytes32 askedFor;
        uint256 firstAnswer;
        uint256 secondAnswer;
    }

    /// @dev 256 nonces share a word; its key is the account with the upper 56 bits of the nonces.
    mapping(uint256 accountAndNonces => uint256 bits) private _usedNonces;

    /// @inheritdoc ISignedEntries
    function record(bytes[] calldata entries) external {
        Batch memory batch;
        batch.entryLog = _log();
        batch.domain = _domainSeparatorV4();
        batch.sequence = batch.entryLog.size();
        (batch.quorum, batch.maxLateness) = _limits();
        uint256 free = _reserve(batch, entries.length);
        for (uint256 i = 0; i < entries.length; ++i) {
            (bytes memory refusal, bytes32 digest) = _record(entries[i], batch);
            if (refusal.length != 0) emit EntryRefused(digest, i, refusal);
            // What an entry needed is not needed by the next; memory that grows costs its square.
            assembly ("memory-safe") {
                mstore(0x40, free)
            }
        }

        if (batch.length != 0) _appendAll(batch);
    }

    /// @inheritdoc ISignedEntries
    function typeHash(uint8 action) external pure returns (bytes32 hash) {
        (hash, , ) = _kind(action);
    }

    /// @inheritdoc ISignedEntries
    function isNonceUsed(address account, uint64 nonce) external view returns (bool) {
        return (_usedNonces[_nonceKey(account, nonce)] >> (nonce & 0xff)) & 1 == 1;
    }

    // ---------------------------------------------------------------- what a contract adds

    function _log() internal view virtual returns (IEntryLog);

    /// @dev The quorum of the authority and the permitted lateness in seconds.
    function _limits() internal view virtual returns (uint256 quorum, uint256 maxLateness);

    /// @dev The account as of now. `batch` may serve as a cache where accounts cannot change.
    function _actor(address account, Batch memory batch) internal view virtual returns (Actor memory);

    /// @dev What an action looks like.
    /// @return typeHash_ Its EIP-712 type hash; zero where there is no such action.
    /// @return fields How its fields behind the first three travel, one byte each: the width in bytes of a number, a flag or
    /// an address; 0x80 + the width of a bytesN; 0xff for a text. 0 ends the list.
    /// @return authority Whether it is an act of the authority.
    function _kind(
        uint256 action
    ) internal pure virtual returns (bytes32 typeHash_, bytes32 fields, bool authority);

    /// @dev The lists in which the type of an action ends, one byte each from the left: the number
    /// under which `_unpackItem` knows what is in them. 0 ends them.
    function _lists(uint256) internal pure virtual returns (bytes32 kinds) {
        return 0;
    }

    /// @dev Expands an item of a list of this kind, which travels from `next` in the calldata, to the
    /// words of its EIP-712 `encodeData`, and writes them to `place` in memory.
    /// @return end Where the item ends in the calldata; 0 where a flag is neither 0 nor 1.
    /// @return behind Where its words end in memory.
    function _unpackItem(
        uint256,
        uint256 next,
        uint256 place
    ) internal pure virtual returns (uint256 end, uint256 behind) {
        return (next, place);
    }

    /// @dev The EIP-712 type hash of the items of a list of this kind.
    function _itemType(uint256) internal pure virtual returns (bytes32) {
        return 0;
    }

    /// @dev What else the form of an action demands; the entry is as long as it should be.
    function _checkForm(
        uint256,
        bytes calldata
    ) internal pure virtual returns (bytes memory refusal) {
        return refusal;
    }

    /// @dev The most words that one entry can add to the log's stream: 3 + its subjects.
    function _mostItems() internal pure virtual returns (uint256) {
        return 5;
    }

    /// @dev Checks the action's own rules and applies it. The form, the signatures, the nonce and
    /// the times were checked before.
    /// It names by `_move` each subject whose chain the entry moves, at least one.
    /// @return refusal Empty if applied; nothing may have been changed otherwise.
    function _apply(
        uint256 action,
        Fields f,
        bytes32 digest,
        Author memory author,
        Batch memory batch
    ) internal virtual returns (bytes memory refusal);

    // ---------------------------------------------------------------- one entry

    function _record(
        bytes calldata entry,
        Batch memory batch
    ) private returns (bytes memory refusal, bytes32 digest) {
        uint256 action = entry.length == 0 ? 0 : uint8(entry[0]);
        (bytes32 kindHash, bytes32 fields, bool authority) = _kind(action);
        Fields f;
        (refusal, f, digest) = _unpack(entry, kindHash, fields, _lists(action));
        if (refusal.length != 0) return (refusal, keccak256(entry));
        refusal = _checkForm(action, entry);
        if (refusal.length != 0) return (refusal, keccak256(entry));
        digest = MessageHashUtils.toTypedDataHash(batch.domain, digest);

        if (f.number(DEADLINE) < block.timestamp) {
            refusal = abi.encodeWithSelector(EntryExpired.selector, f.number(DEADLINE), block.timestamp);
            return (refusal, digest);
        }
        Author memory author;
        refusal = _checkSigners(entry, digest, f.number(NONCE), authority, author, batch);
        if (refusal.length != 0) return (refusal, digest);
        refusal = _checkTime(f.number(HAPPENED_AT), author, batch);
        if (refusal.length != 0) return (refusal, digest);

        batch.moved = 0;
        refusal = _apply(action, f, digest, author, batch);
        if (refusal.length != 0) return (refusal, digest);

        _useNonces(author, f.number(NONCE));
        uint256 sequence = batch.sequence;
        unchecked {
            batch.sequence = sequence + 1;
        }
        emit EntryRecorded(sequence, _append(batch, digest, author.signers), author.organisation, entry);
        if (author.late) emit EntryAdmittedLate(sequence);
    }

    /// @dev Expands an entry to the words of EIP-712 `encodeData` and hashes the struct. It reads
    /// past the entry's end where the form is broken, and finds that out when all is read.
    function _unpack(
        bytes calldata entry,
        bytes32 kindHash,
        bytes32 kindFields,
        bytes32 lists
    ) private pure returns (bytes memory refusal, Fields f, bytes32 structHash) {
        uint256 count = entry.length < 2 ? 0 : uint256(uint8(entry[1]));
        if (kindHash == 0 || count == 0) return (_malformed(kindHash), f, 0);

        uint256 next;
        // The entry's end in the calldata; a text that goes beyond is not looked at: it may be huge.
        uint256 limit;
        // Nearly every text is short ASCII without NUL. In `odd` a byte's high bit says that some text
        // has another character: it stands in the byte itself, or in a NUL less 1. `lengths` has all
        // bits that any text's length has.
        uint256 odd = 0;
        uint256 lengths = 0;
        assembly ("memory-safe") {
            next := add(add(entry.offset, 2), shl(6, count))
            limit := add(entry.offset, entry.length)
            // Nonce, happenedAt and deadline: 8, 5 and 5 bytes.
            let common := calldataload(next)
            next := add(next, 18)
            // The words stand behind the type hash, so that the struct is hashed in one piece.
            let start := mload(0x40)
            mstore(start, kindHash)
            f := add(start, 0x20)
            mstore(f, shr(192, common))
            mstore(add(f, 0x20), and(shr(152, common), 0xffffffffff))
            mstore(add(f, 0x40), and(shr(112, common), 0xffffffffff))
            let end := add(f, 0x60)
            let ones := 0x0101010101010101010101010101010101010101010101010101010101010101
            for {
                let fields := kindFields
            } fields {} {
                let width := byte(0, fields)
                fields := shl(8, fields)
                let value := calldataload(next)
                switch width
                case 0xff {
                    let length := shr(240, value)
                    let text := add(next, 2)
                    next := add(text, length)
                    if gt(next, limit) { break }
                    // Behind the words written so far, where the next words will overwrite it. What
                    // lies behind the text reads as 0x01.
                    calldatacopy(end, text, length)
                    value := keccak256(end, length)
                    let last := add(end, length)
                    mstore(last, ones)
                    let chars := mload(end)
                    odd := or(odd, or(chars, sub(chars, ones)))
                    lengths := or(lengths, length)
                    for { let part := add(end, 0x20) } lt(part, last) { part := add(part, 0x20) } {
                        chars := mload(part)
                        odd := or(odd, or(chars, sub(chars, ones)))
                    }
                }
                default {
                    let size := and(width, 0x7f)
                    let unused := sub(256, shl(3, size))
                    next := add(next, size)
                    value := shr(unused, value)
                    if gt(width, 0x7f) {
                        value := shl(unused, value)
                    }
                }
                mstore(end, value)
                end := add(end, 0x20)
            }
            mstore(0x40, end)
            structHash := keccak256(start, sub(end, start))
            // A text of 2,048 bytes or more is too long.
            odd := or(and(odd, shl(7, ones)), shr(11, lengths))
        }
        if (lists != 0) (next, structHash) = _unpackLists(next, lists, f);
        if (next != limit) return (_malformed(kindHash), f, 0);
        if (odd != 0) refusal = _checkTexts(entry, kindFields);
    }

    /// @dev Expands the lists that end an entry. Behind the words of `f` come one word for each list
    /// (EIP-712: the hash of its items' hashes), then for each list two words: where its items
    /// stand and how many there are. An item stands as the words of its fields.
    /// @return end Where the entry should end; 0 where a list is too long or a flag is neither 0 nor 1.
    function _unpackLists(
        uint256 next,
        bytes32 lists,
        Fields f
    ) private pure returns (uint256 end, bytes32 structHash) {
        uint256 hashes;
        assembly ("memory-safe") {
            hashes := mload(0x40)
        }
        uint256 places = hashes;
        for (bytes32 rest = lists; rest != 0; rest <<= 8) places += 0x20;
        uint256 items = places + 2 * (places - hashes);
        for (uint256 list = hashes; lists != 0; lists <<= 8) {
            uint256 kind = uint8(lists[0]);
            uint256 count;
            // First the hashes of the items, so that they are hashed in one piece; then room for the
            // beginning of a call that hands the items on; then the items, one behind the other.
            uint256 itemHash = items;
            uint256 first;
            assembly ("memory-safe") {
                count := byte(0, calldataload(next))
                next := add(next, 1)
                first := add(items, add(shl(5, count), CALL_ROOM))
                mstore(places, first)
                mstore(add(places, 0x20), count)
                places := add(places, 0x40)
            }
            if (count > MOST_ITEMS) return (0, 0);
            bytes32 itemType = _itemType(kind);
            items = first;
            for (uint256 i = 0; i < count; ++i) {
                uint256 place = items;
                (next, items) = _unpackItem(kind, next, items);
                if (next == 0) return (0, 0);
                assembly ("memory-safe") {
                    // The type hash stands for a moment where the item before it ends.
                    let before := sub(place, 0x20)
                    let kept := mload(before)
                    mstore(before, itemType)
                    mstore(add(itemHash, shl(5, i)), keccak256(before, sub(items, before)))
                    mstore(before, kept)
                }
            }
            assembly ("memory-safe") {
                mstore(list, keccak256(itemHash, shl(5, count)))
                list := add(list, 0x20)
            }
        }
        assembly ("memory-safe") {
            let start := sub(f, 0x20)
            structHash := keccak256(start, sub(add(hashes, div(sub(places, hashes), 3)), start))
            mstore(0x40, items)
        }
        return (next, structHash);
    }

    /// @dev Looks at the texts of an entry of good form one by one.
    function _checkTexts(
        bytes calldata entry,
        bytes32 fields
    ) private pure returns (bytes memory refusal) {
        uint256 next = 2 + uint256(uint8(entry[1])) * 64 + 18;
        for (uint256 i = 3; fields != 0; ++i) {
            uint256 width = uint8(fields[0]);
            fields <<= 8;
            if (width == 0xff) {
                uint256 start = next + 2;
                next = start + uint16(bytes2(entry[next:start]));
                if (!Text.isWellFormed(entry[start:next])) {
                    return abi.encodeWithSelector(EntryTextInvalid.selector, i);
                }
            } else {
                next += width & 0x7f;
            }
        }
    }

    /// @dev Fills `author` from the entry's signatures, of which there is at least one.
    function _checkSigners(
        bytes calldata entry,
        bytes32 digest,
        uint256 nonce,
        bool authorityAct,
        Author memory author,
        Batch memory batch
    ) private view returns (bytes memory refusal) {
        uint256 count = uint8(entry[1]);
        author.signers = new address[](count);
        for (uint256 i = 0; i < count; ++i) {
            address account = _recover(digest, entry, i);
            if (account == address(0)) return abi.encodeWithSelector(EntrySignatureInvalid.selector, i);
            for (uint256 k = 0; k < i; ++k) {
                if (author.signers[k] == account) {
                    return abi.encodeWithSelector(EntrySignerRepeated.selector, account);
                }
            }
            author.signers[i] = account;

            Actor memory actor = _actor(account, batch);
            if (!actor.live) return abi.encodeWithSelector(EntrySignerNotLive.selector, account);
            if (actor.roles & Roles.AUTHORITY != 0) {
                ++author.authorities;
            } else if (i > 0 || authorityAct) {
                return abi.encodeWithSelector(EntrySignerNotAuthority.selector, account);
            }
            uint256 used = _usedNonces[_nonceKey(account, nonce)];
            if ((used >> (nonce & 0xff)) & 1 == 1) {
                return abi.encodeWithSelector(EntryNonceUsed.selector, account, nonce);
            }
            if (i == 0) {
                (author.organisation, author.roles) = (actor.organisation, actor.roles);
                author.used = used;
            }
        }
        if (authorityAct && count < batch.quorum) {
            return abi.encodeWithSelector(EntryQuorumNotMet.selector, count, batch.quorum);
        }
    }

    /// @dev The zero address where there is no valid signature. Running out of gas inside the
    /// precompile reverts the transaction: it is not taken for a bad signature.
    function _recover(
        bytes32 digest,
        bytes calldata entry,
        uint256 index
    ) private pure returns (address account) {
        bytes32 r;
        bytes32 vs;
        assembly ("memory-safe") {
            let signature := add(add(entry.offset, 2), shl(6, index))
            r := calldataload(signature)
            vs := calldataload(add(signature, 0x20))
        }
        (account, , ) = ECDSA.tryRecover(digest, r, vs);
    }

    function _checkTime(
        uint256 happenedAt,
        Author memory author,
        Batch memory batch
    ) private view returns (bytes memory refusal) {
        unchecked {
            // None of these exceeds 2**41.
            if (happenedAt > block.timestamp + CLOCK_TOLERANCE) {
                return abi.encodeWithSelector(EntryFromFuture.selector, happenedAt, block.timestamp);
            }
            if (happenedAt + batch.maxLateness >= block.timestamp) return refusal;
        }
        // The author's own signature counts only where the author is the authority.
        if (author.authorities < batch.quorum) {
            return
                abi.encodeWithSelector(
                    EntryTooLate.selector,
                    happenedAt,
                    block.timestamp - batch.maxLateness
                );
        }
        author.late = true;
    }

    /// @dev All signers spend the nonce, so that a co-signature cannot be used again either.
    function _useNonces(Author memory author, uint256 nonce) private {
        uint256 bit = 1 << (nonce & 0xff);
        _usedNonces[_nonceKey(author.signers[0], nonce)] = author.used | bit;
        for (uint256 i = 1; i < author.signers.length; ++i) {
            _usedNonces[_nonceKey(author.signers[i], nonce)] |= bit;
        }
    }

    function _nonceKey(address account, uint256 nonce) private pure returns (uint256) {
        return uint160(account) | ((nonce >> 8) << 160);
    }

    /// @dev Reserves the memory for `EntryLog.append(bytes32[])` of so many entries: selector, offset,
    /// length and the stream, so that it is called without copying.
    /// @return free The first free memory behind it.
    function _reserve(Batch memory batch, uint256 entries) private pure returns (uint256 free) {
        uint256 size = (3 + entries * _mostItems()) * 32;
        uint256 items;
        assembly ("memory-safe") {
            items := add(mload(0x40), 0x60)
            free := add(mload(0x40), size)
            mstore(0x40, free)
        }
        batch.items = items;
    }

    /// @dev Calls `EntryLog.append` with the stream; reverts as it does.
    function _appendAll(Batch memory batch) private {
        IEntryLog entryLog = batch.entryLog;
        uint256 items = batch.items;
        uint256 length = batch.length;
        bytes4 selector = IEntryLog.append.selector;
        assembly ("memory-safe") {
            mstore(sub(items, 0x60), shr(224, selector))
            mstore(sub(items, 0x40), 0x20)
            mstore(sub(items, 0x20), length)
            if iszero(call(gas(), entryLog, 0, sub(items, 0x44), add(0x44, shl(5, length)), 0, 0)) {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
        }
    }

    /// @dev Completes the entry in the stream: digest, signers' hash and number of subjects stand
    /// before the subjects that `_move` wrote.
    /// @return subject The first of them.
    function _append(
        Batch memory batch,
        bytes32 digest,
        address[] memory signers
    ) private pure returns (bytes32 subject) {
        uint256 items = batch.items;
        uint256 used = batch.length;
        uint256 moved = batch.moved;
        assembly ("memory-safe") {
            let place := add(items, shl(5, used))
            mstore(place, digest)
            mstore(add(place, 0x20), keccak256(add(signers, 0x20), shl(5, mload(signers))))
            mstore(add(place, 0x40), moved)
            subject := mload(add(place, 0x60))
        }
        unchecked {
            batch.length = used + 3 + moved;
        }
    }

    // ---------------------------------------------------------------- small help for contracts

    /// @dev Whether all signers are authority accounts and as many as the quorum.
    function _isAuthority(Author memory author, Batch memory batch) internal pure returns (bool) {
        return author.authorities == author.signers.length && author.authorities >= batch.quorum;
    }

    function _lacks(Author memory author, uint256 role) internal pure returns (bool) {
        return author.roles & role == 0;
    }

    function _roleMissing(Author memory author, uint256 role) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(EntryRoleMissing.selector, author.signers[0], role);
    }

    /// @dev The subject of something that has a name or an id of its own: a category, a kind of
    /// qualification, an alarm.
    function _named(bytes32 what, bytes32 name) internal pure returns (bytes32) {
        return keccak256(abi.encode(what, name));
    }

    /// @dev Says that the entry moves the chain of `subject`. There is room for `_mostItems` words.
    function _move(Batch memory batch, bytes32 subject) internal pure {
        uint256 items = batch.items;
        unchecked {
            uint256 moved = batch.moved;
            uint256 place = batch.length + 3 + moved;
            assembly ("memory-safe") {
                mstore(add(items, shl(5, place)), subject)
            }
            batch.moved = moved + 1;
        }
    }

    function _malformed(bytes32 kindHash) private pure returns (bytes memory) {
        return abi.encodeWithSelector(EntryMalformed.selector, kindHash);
    }
}
