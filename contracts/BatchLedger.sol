// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {BatchOversight} from "./BatchOversight.sol";
import {LogisticUnits} from "./LogisticUnits.sol";
import {CustodyEntries} from "./base/CustodyEntries.sol";
import {Gs1} from "./base/Gs1.sol";
import {Roles} from "./base/Roles.sol";
import {Fields} from "./base/SignedEntries.sol";
import {IBatchLedger} from "./interfaces/IBatchLedger.sol";
import {IBatchOversight} from "./interfaces/IBatchOversight.sol";
import {Part} from "./interfaces/ICustody.sol";
import {ILogisticUnits} from "./interfaces/ILogisticUnits.sol";
import {IQualificationRegistry} from "./interfaces/IQualificationRegistry.sol";

/// @title What was made of what, and who has it
/// @dev What it promises stands in `IBatchLedger`.
contract BatchLedger is IBatchLedger, CustodyEntries {
    /// @dev The bits of a lot's state.
    uint256 private constant MADE = 1;
    uint256 private constant OPEN = 2;
    uint256 private constant ORIGIN_NOT_SHOWN = 4;
    uint256 private constant UNDERRUN = 16;

    uint256 private constant MOST_INGREDIENTS = 8;
    uint256 private constant LARGEST_GTIN = 99_999_999_999_999;

    /// @dev One slot. `goods` and `model` are the first bytes of hashes; `onHand` is the maker's, whom
    /// the lot's id names.
    struct Lot {
        bytes10 goods;
        bytes6 model;
        uint40 onHand;
        uint40 madeAt;
        uint8 state;
    }

    /// @dev What another than the maker has of a lot, since when he had any, and what is under way: one
    /// shipment has its place here, found by the first bytes of a hash, since nearly everybody gets
    /// a lot once, and a second slot would cost as much as the entry. One slot; seconds
    /// until the year 2106.
    struct Stock {
        uint40 onHand;
        uint32 since;
        uint40 incoming;
        uint32 sentAt;
        uint32 due;
        bytes10 shipment;
    }

    /// @dev Any other shipment, and what of one the recipient did not accept.
    struct Parcel {
        uint40 quantity;
        uint32 sentAt;
        uint32 due;
        bool answered;
    }

    struct Ingredient {
        bytes10 goods;
        uint40 least;
        uint40 most;
        uint40 per;
    }

    struct Process {
        bytes10 output;
        Ingredient[] ingredients;
    }

    /// @inheritdoc IBatchLedger
    IQualificationRegistry public immutable qualifications;
    /// @inheritdoc IBatchLedger
    IBatchOversight public immutable oversight;
    /// @inheritdoc IBatchLedger
    ILogisticUnits public immutable units;

    mapping(bytes32 id => Lot) private _lots;
    mapping(bytes32 lotAndCustodian => Stock) private _stocks;
    mapping(bytes32 lotAndCustodian => uint256 quantity) private _losses;
    mapping(bytes32 shipmentAndParties => Parcel) private _parcels;
    mapping(bytes32 key => Process) private _processes;

    constructor(
        IQualificationRegistry qualifications_
    )
        EIP712("Suyuan BatchLedger", "1")
        CustodyEntries(qualifications_.participants())
    {
        qualifications = qualifications_;
        oversight = new BatchOversight(qualifications_.participants());
        units = new LogisticUnits(qualifications_.participants());
    }

    // ---------------------------------------------------------------- reading

    /// @inheritdoc IBatchLedger
    function lot(bytes32 id) external view returns (bytes10, bytes6, uint40, uint40, uint8) {
        Lot storage made = _lots[id];
        return (made.goods, made.model, made.onHand, made.madeAt, made.state);
    }

    /// @inheritdoc IBatchLedger
    function stock(
        bytes32 id,
        bytes20 custodian
    ) external view returns (uint40 onHand, uint40 lost, uint40 since) {
        bytes32 key = _stockKey(id, custodian);
        Stock storage s = _stocks[key];
        (onHand, lost, since) = (s.onHand, uint40(_losses[key]), s.since);
        if (bytes20(id) == custodian) (onHand, since) = (_lots[id].onHand, _lots[id].madeAt);
    }

    /// @inheritdoc IBatchLedger
    function parcel(
        bytes32 shipment,
        bytes32 id,
        bytes20 sender,
        bytes20 recipient
    ) external view returns (uint40, uint40, uint40, bool) {
        (Parcel memory p, ) = _find(shipment, id, sender, recipient);
        return (p.quantity, p.sentAt, p.due, p.answered);
    }

    /// @inheritdoc IBatchLedger
    function process(
        bytes32 key
    )
        external
        view
        returns (
            bytes10 output,
            bytes10[] memory inputs,
            uint40[] memory least,
            uint40[] memory most,
            uint40[] memory per
        )
    {
        Ingredient[] storage list = _processes[key].ingredients;
        output = _processes[key].output;
        inputs = new bytes10[](list.length);
        least = new uint40[](list.length);
        most = new uint40[](list.length);
        per = new uint40[](list.length);
        for (uint256 i = 0; i < list.length; ++i) {
            Ingredient storage g = list[i];
            (inputs[i], least[i], most[i], per[i]) = (g.goods, g.least, g.most, g.per);
        }
    }

    // ---------------------------------------------------------------- doors for the other two

    /// @inheritdoc IBatchLedger
    function setBlocked(bytes32 id, bool blocked) external {
        if (msg.sender != address(oversight)) revert BatchNotOversight(msg.sender);
        Lot storage made = _lots[id];
        made.state = uint8(blocked ? made.state | BLOCKED : made.state & ~BLOCKED);
    }

    /// @inheritdoc IBatchLedger
    function setAside(
        bytes20 custodian,
        uint256 when,
        Part[] calldata parts
    ) external returns (bytes memory refusal) {
        if (msg.sender != address(units)) revert BatchNotUnits(msg.sender);
        for (uint256 i = 0; i < parts.length; ++i) {
            refusal = _checkTake(parts[i].lot, custodian, parts[i].quantity, when, true);
            if (refusal.length != 0) return refusal;
        }
        for (uint256 i = 0; i < parts.length; ++i) {
            _take(parts[i].lot, custodian, parts[i].quantity);
        }
    }

    /// @inheritdoc IBatchLedger
    function putBack(bytes20 custodian, uint256 when, Part[] calldata parts) external {
        if (msg.sender != address(units)) revert BatchNotUnits(msg.sender);
        for (uint256 i = 0; i < parts.length; ++i) {
            _give(parts[i].lot, custodian, parts[i].quantity, when);
        }
    }

    // ---------------------------------------------------------------- the actions' types

    bytes32 private constant COMMISSION =
        keccak256(
            "Commission(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "uint40 quantity,uint48 gtin,bool originNotShown,bytes32 document,"
            "string lot,string category,string model,string unit,string place,string origin,"
            "Citation[] cited)"
            "Citation(bytes20 author,bytes32 register,bytes32 kind,bytes32 digest,bool anyModel)"
        );
    bytes32 private constant TRANSFORM =
        keccak256(
            "Transform(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "uint40 quantity,uint48 gtin,"
            "string lot,string category,string model,string unit,string process,string place,"
            "Part[] inputs,Citation[] cited)"
            "Citation(bytes20 author,bytes32 register,bytes32 kind,bytes32 digest,bool anyModel)"
            "Part(bytes32 lot,uint40 quantity)"
        );
    bytes32 private constant SHIP =
        keccak256(
            "Ship(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 lot,bytes20 recipient,uint40 quantity,uint40 due,uint8 purpose,"
            "string reference)"
        );
    bytes32 private constant RECEIVE =
        keccak256(
            "Receive(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 lot,bytes32 shipment,bytes20 sender,uint40 accepted,string reason)"
        );
    bytes32 private constant SETTLE =
        keccak256(
            "Settle(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 lot,bytes32 shipment,bytes20 recipient,uint40 returned,uint40 lost,"
            "string reason)"
        );
    bytes32 private constant CLOSE_LOT =
        keccak256("CloseLot(uint64 nonce,uint40 happenedAt,uint40 deadline,bytes32 lot)");
    bytes32 private constant ADJUST =
        keccak256(
            "Adjust(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 lot,uint40 quantity,bool up,string reason)"
        );
    bytes32 private constant DISPENSE =
        keccak256(
            "Dispense(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 lot,uint40 quantity,string to)"
        );
    bytes32 private constant DESTROY =
        keccak256(
            "Destroy(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "bytes32 lot,uint40 quantity,string reason)"
        );
    bytes32 private constant SET_INGREDIENT =
        keccak256(
            "SetIngredient(uint64 nonce,uint40 happenedAt,uint40 deadline,"
            "uint40 least,uint40 most,uint40 per,"
            "string process,string category,string unit,string input,string inputUnit)"
        );
    bytes32 private constant CITATION =
        keccak256(
            "Citation(bytes20 author,bytes32 register,bytes32 kind,bytes32 digest,bool anyModel)"
        );

    /// @dev The dearest first: this runs for every entry.
    function _kind(uint256 action) internal pure override returns (bytes32, bytes32, bool) {
        if (action == 1) return (COMMISSION, hex"050601a0_ffffffffffff", false);
        if (action == 2) return (TRANSFORM, hex"0506_ffffffffffff", false);
        if (action == 3) return (SHIP, hex"a094050501_ff", false);
        if (action == 4) return (RECEIVE, hex"a0a09405_ff", false);
        if (action == 5) return (SETTLE, hex"a0a0940505_ff", false);
        if (action == 6) return (CLOSE_LOT, hex"a0", false);
        if (action == 7) return (ADJUST, hex"a00501_ff", false);
        if (action == 8) return (DISPENSE, hex"a005_ff", false);
        if (action == 9) return (DESTROY, hex"a005_ff", false);
        if (action == 10) return (SET_INGREDIENT, hex"050505_ffffffffff", true);
        return (0, 0, false);
    }

    function _lists(uint256 action) internal pure override returns (bytes32) {
        if (action == 1) return hex"02";
        if (action == 2) return hex"0102";
        return 0;
    }

    function _unpackItem(
        uint256 kind,
        uint256 next,
        uint256 place
    ) internal pure override returns (uint256 end, uint256 behind) {
        if (kind == PARTS) return super._unpackItem(kind, next, place);
        assembly ("memory-safe") {
            let anyModel := byte(0, calldataload(add(next, 116)))
            mstore(place, shl(96, shr(96, calldataload(next))))
            mstore(add(place, 0x20), calldataload(add(next, 20)))
            mstore(add(place, 0x40), calldataload(add(next, 52)))
            mstore(add(place, 0x60), calldataload(add(next, 84)))
            mstore(add(place, 0x80), anyModel)
            end := mul(add(next, 117), lt(anyModel, 2))
            behind := add(place, 0xa0)
        }
    }

    function _itemType(uint256 kind) internal pure override returns (bytes32) {
        return kind == PARTS ? super._itemType(kind) : CITATION;
    }

    /// @dev The lot's number is the first text of what makes a lot.
    function _checkForm(
        uint256 action,
        bytes calldata entry
    ) internal pure override returns (bytes memory refusal) {
        if (action > 2) return refusal;
        // Behind the signatures, the common fields and the action's own.
        uint256 start = 2 + 64 * uint256(uint8(entry[1])) + 18 + (action == 1 ? 44 : 11);
        bytes calldata number;
        assembly ("memory-safe") {
            let place := add(entry.offset, start)
            number.offset := add(place, 2)
            number.length := shr(240, calldataload(place))
        }
        if (!Gs1.isLot(number)) refusal = abi.encodeWithSelector(BatchLotNumberInvalid.selector);
    }

    function _apply(
        uint256 action,
        Fields f,
        bytes32 digest,
        Author memory author,
        Batch memory batch
    ) internal override returns (bytes memory refusal) {
        if (action == 10) return _setIngredient(f, batch);
        uint256 role = action == 2 ? Roles.SUPPLIER : Roles.CUSTODIAN;
        if (_lacks(author, role)) return _roleMissing(author, role);
        if (action == 3) return _ship(f, digest, author, batch);
        if (action == 4) return _receive(f, author, batch);
        if (action == 1) return _commission(f, author, batch);
        if (action == 2) return _transform(f, author, batch);
        if (action == 5) return _settle(f, author, batch);
        if (action == 6) return _closeLot(f, author, batch);
        return _change(action, f, author, batch);
    }

    // ---------------------------------------------------------------- making

    function _commission(
        Fields f,
        Author memory author,
        Batch memory batch
    ) private returns (bytes memory refusal) {
        uint256 quantity = f.number(3);
        uint256 gtin = f.number(4);
        uint256 notShown = f.number(5);
        bytes32 category = f.word(8);
        if (notShown > 1) return _invalid(5, notShown);
        // Goods of which nobody knows the origin may have no trade number either.
        if (gtin == 0 && notShown == 0) return _invalid(4, 0);
        if (batch.askedFor != category) {
            (bool known, bool rawMaterial) = qualifications.category(category);
            if (!known) return _categoryUnknown(category);
            (batch.askedFor, batch.firstAnswer) = (category, rawMaterial ? 1 : 0);
        }
        if (notShown == 0) {
            if (batch.firstAnswer == 0) return abi.encodeWithSelector(BatchNotRawMaterial.selector, category);
            if (_lacks(author, Roles.SUPPLIER)) return _roleMissing(author, Roles.SUPPLIER);
            refusal = _gate(f, 8, 14, author);
            if (refusal.length != 0) return refusal;
        }
        bytes32 id = _lotId(author.organisation, gtin, f.word(7));
        if (_lots[id].state != 0) return abi.encodeWithSelector(BatchLotExists.selector, id);
        uint256 state = notShown == 0 ? MADE : MADE | ORIGIN_NOT_SHOWN;
        refusal = _make(f, id, 8, quantity, state);
        _move(batch, id);
    }

    function _transform(
        Fields f,
        Author memory author,
        Batch memory batch
    ) private returns (bytes memory refusal) {
        uint256 quantity = f.number(3);
        uint256 gtin = f.number(4);
        if (gtin == 0) return _invalid(4, 0);
        bytes32 id = _lotId(author.organisation, gtin, f.word(5));
        Fields inputs = Fields.wrap(f.number(13));
        uint256 count = f.number(14);
        refusal = _gate(f, 6, 15, author);
        if (refusal.length != 0) return refusal;
        refusal = _checkParts(inputs, count);
        if (refusal.length != 0) return refusal;
        for (uint256 i = 0; i < count; ++i) {
            if (_partLot(inputs, i) == id) {
                return abi.encodeWithSelector(BatchMadeOfItself.selector, id);
            }
            refusal = _checkTake(
                _partLot(inputs, i),
                author.organisation,
                _partQuantity(inputs, i),
                f.number(HAPPENED_AT),
                false
            );
            if (refusal.length != 0) return refusal;
        }
        uint256 state;
        (refusal, state) = _checkBalance(f, inputs, count, quantity);
        if (refusal.length != 0) return refusal;
        refusal = _make(f, id, 6, quantity, state);
        if (refusal.length != 0) return refusal;
        _move(batch, id);
        for (uint256 i = 0; i < count; ++i) {
            bytes32 input = _partLot(inputs, i);
            _take(input, author.organisation, _partQuantity(inputs, i));
            _move(batch, input);
        }
    }

    /// @dev Writes a new lot, or lets an open one of the same goods and model grow.
    /// @param place Where the category stands; the model and the unit follow it.
    function _make(
        Fields f,
        bytes32 id,
        uint256 place,
        uint256 quantity,
        uint256 state
    ) private returns (bytes memory refusal) {
        uint256 gtin = f.number(4);
        uint256 madeAt = f.number(HAPPENED_AT);
        if (quantity == 0) return _invalid(3, 0);
        if (gtin > LARGEST_GTIN || !Gs1.hasCheckDigit(gtin)) return _invalid(4, gtin);
        if (f.word(place + 2) == EMPTY) return _textMissing(place + 2);
        bytes10 goods = _goods(f.word(place), f.word(place + 2));
        bytes6 model = bytes6(f.word(place + 1));
        Lot storage made = _lots[id];
        uint256 before = made.state;
        if (before != 0) {
            if (before & OPEN == 0) return abi.encodeWithSelector(BatchLotClosed.selector, id);
            if (before & BLOCKED != 0) return _blocked(id);
            if (made.goods != goods || made.model != model) return _goodsWrong(id);
            quantity += made.onHand;
            if (quantity > type(uint40).max) return _invalid(3, quantity);
            if (made.madeAt < madeAt) madeAt = made.madeAt;
            (made.onHand, made.madeAt, made.state) = (
                uint40(quantity),
                uint40(madeAt),
                uint8(before | state)
            );
        } else {
            // One write of what `Lot` has in its slot, the first field lowest.
            uint256 slot = uint80(goods) |
                (uint256(uint48(model)) << 80) |
                (quantity << 128) |
                (madeAt << 168) |
                (state << 208);
            assembly ("memory-safe") {
                sstore(made.slot, slot)
            }
        }
    }

    /// @dev Whether the qualifications that the entry cites entitle its author to make this.
    /// @param place Where the category stands; the model follows it.
    /// @param list The place of the citations in the directory of the lists.
    function _gate(
        Fields f,
        uint256 place,
        uint256 list,
        Author memory author
    ) private view returns (bytes memory refusal) {
        IQualificationRegistry registry = qualifications;
        bytes20 maker = author.organisation;
        bytes4 selector = IQualificationRegistry.gate.selector;
        // The citations stand in memory as the call has them, and there is room for the rest before
        // them: the compiler's way of encoding them costs three times as much as the gate itself.
        assembly ("memory-safe") {
            let items := mload(add(f, shl(5, list)))
            let count := mload(add(f, shl(5, add(list, 1))))
            let call_ := sub(items, 0xe0)
            mstore(call_, shr(224, selector))
            mstore(add(call_, 0x20), maker)
            mstore(add(call_, 0x40), mload(add(f, shl(5, place))))
            mstore(add(call_, 0x60), mload(add(f, shl(5, add(place, 1)))))
            mstore(add(call_, 0x80), mload(add(f, shl(5, HAPPENED_AT))))
            mstore(add(call_, 0xa0), 0xa0)
            mstore(add(call_, 0xc0), count)
            let good := staticcall(gas(), registry, add(call_, 0x1c), add(0xc4, mul(count, 0xa0)), 0, 0)
            let answer := mload(0x40)
            returndatacopy(answer, 0, returndatasize())
            if iszero(good) { revert(answer, returndatasize()) }
            // `bytes`: where it stands, its length, its words.
            refusal := add(answer, 0x20)
            mstore(0x40, add(answer, returndatasize()))
        }
    }

    /// @dev Whether the inputs can have given so much by the process.
    /// @return refusal Empty if they can.
    /// @return state What the lot's state says of it.
    function _checkBalance(
        Fields f,
        Fields inputs,
        uint256 count,
        uint256 quantity
    ) private view returns (bytes memory refusal, uint256 state) {
        Process storage p = _processes[f.word(9)];
        uint256 ingredients = p.ingredients.length;
        if (ingredients == 0) {
            return (abi.encodeWithSelector(BatchProcessUnknown.selector, f.word(9)), 0);
        }
        if (p.output != _goods(f.word(6), f.word(8))) {
            return (abi.encodeWithSelector(BatchProcessForeign.selector, f.word(9)), 0);
        }
        state = MADE | OPEN;
        uint256 matched = 0;
        for (uint256 k = 0; k < ingredients; ++k) {
            Ingredient memory g = p.ingredients[k];
            uint256 given = 0;
            for (uint256 i = 0; i < count; ++i) {
                if (_lots[_partLot(inputs, i)].goods == g.goods) {
                    given += _partQuantity(inputs, i);
                    ++matched;
                }
            }
            // Multiplied, so that nothing is rounded in the maker's favour.
            if (given * g.per < quantity * g.least) {
                uint256 needed = (quantity * g.least + g.per - 1) / g.per;
                refusal = abi.encodeWithSelector(
                    BatchOverrun.selector,
                    g.goods,
                    quantity,
                    given,
                    needed
                );
                return (refusal, 0);
            }
            if (g.most != 0 && given * g.per > quantity * g.most) state |= UNDERRUN;
        }
        if (matched == count) return (refusal, state);
        for (uint256 i = 0; i < count; ++i) {
            bytes32 input = _partLot(inputs, i);
            bytes10 goods = _lots[input].goods;
            bool found = false;
            for (uint256 k = 0; k < ingredients; ++k) {
                found = found || p.ingredients[k].goods == goods;
            }
            if (!found) return (_goodsWrong(input), 0);
        }
    }

    function _closeLot(
        Fields f,
        Author memory author,
        Batch memory batch
    ) private returns (bytes memory refusal) {
        bytes32 id = f.word(3);
        Lot storage made = _lots[id];
        if (made.state == 0) return _unknown(id);
        if (bytes20(id) != author.organisation) {
            return abi.encodeWithSelector(BatchNotMaker.selector, id, author.organisation);
        }
        if (made.state & OPEN == 0) return abi.encodeWithSelector(BatchLotClosed.selector, id);
        if (f.number(HAPPENED_AT) < made.madeAt) return _tooEarly(id, made.madeAt);
        made.state = uint8(made.state & ~OPEN);
        _move(batch, id);
    }

    function _setIngredient(
        Fields f,
        Batch memory batch
    ) private returns (bytes memory refusal) {
        uint256 least = f.number(3);
        uint256 most = f.number(4);
        uint256 per = f.number(5);
        bytes10 output = _goods(f.word(7), f.word(8));
        bytes10 input = _goods(f.word(9), f.word(10));
        for (uint256 i = 7; i <= 9; i += 2) {
            (bool known, ) = qualifications.category(f.word(i));
            if (!known) return _categoryUnknown(f.word(i));
            if (f.word(i + 1) == EMPTY) return _textMissing(i + 1);
        }
        if (per != 0 && least == 0) return _invalid(3, least);
        if (per != 0 && most != 0 && most < least) return _invalid(4, most);
        Process storage p = _processes[f.word(6)];
        uint256 length = p.ingredients.length;
        if (length != 0 && p.output != output) {
            return abi.encodeWithSelector(BatchProcessForeign.selector, f.word(6));
        }
        uint256 found = 0;
        while (found < length && p.ingredients[found].goods != input) ++found;
        if (per == 0) {
            if (found == length) return _invalid(5, per);
            p.ingredients[found] = p.ingredients[length - 1];
            p.ingredients.pop();
        } else {
            if (found == MOST_INGREDIENTS) {
                return abi.encodeWithSelector(BatchProcessFull.selector, f.word(6));
            }
            if (found == length) p.ingredients.push();
            p.output = output;
            p.ingredients[found] = Ingredient(input, uint40(least), uint40(most), uint40(per));
        }
        _move(batch, _named(keccak256("process"), f.word(6)));
    }

    // ---------------------------------------------------------------- handing over

    function _ship(
        Fields f,
        bytes32 digest,
        Author memory author,
        Batch memory batch
    ) private returns (bytes memory refusal) {
        bytes32 id = f.word(3);
        bytes20 recipient = bytes20(f.word(4));
        uint256 quantity = f.number(5);
        uint256 due = f.number(6);
        uint256 purpose = f.number(7);
        uint256 sentAt = f.number(HAPPENED_AT);
        if (quantity == 0) return _invalid(5, 0);
        refusal = _checkSending(recipient, due, purpose, 6, sentAt, author);
        if (refusal.length != 0) return refusal;
        refusal = _checkTake(id, author.organisation, quantity, sentAt, purpose != ORDINARY);
        if (refusal.length != 0) return refusal;
        bool sent = _send(
            digest,
            id,
            author.organisation,
            recipient,
            Parcel(uint40(quantity), uint32(sentAt), uint32(due), false)
        );
        // Two of one organisation may sign the same words; the copy would overwrite what is under way.
        if (!sent) return abi.encodeWithSelector(BatchUnderWayAlready.selector, digest);
        _take(id, author.organisation, quantity);
        _move(batch, id);
    }

    function _receive(
        Fields f,
        Author memory author,
        Batch memory batch
    ) private returns (bytes memory refusal) {
        bytes32 id = f.word(3);
        bytes32 shipment = f.word(4);
        bytes20 sender = bytes20(f.word(5));
        uint256 accepted = f.number(6);
        (Parcel memory p, bool inStock) = _find(shipment, id, sender, author.organisation);
        if (p.quantity == 0 || p.answered) return _nothingUnderWay(shipment);
        if (f.number(HAPPENED_AT) < p.sentAt) return _tooEarly(id, p.sentAt);
        if (accepted > p.quantity) return _moreThanSent(shipment, accepted, p.quantity);
        if (accepted != p.quantity && f.word(7) == EMPTY) return _textMissing(7);
        _reduce(shipment, id, sender, author.organisation, p, inStock, accepted);
        if (accepted != 0) _give(id, author.organisation, accepted, f.number(HAPPENED_AT));
        _move(batch, id);
    }

    function _settle(
        Fields f,
        Author memory author,
        Batch memory batch
    ) private returns (bytes memory refusal) {
        bytes32 id = f.word(3);
        bytes32 shipment = f.word(4);
        bytes20 recipient = bytes20(f.word(5));
        uint256 settled = f.number(6) + f.number(7);
        (Parcel memory p, bool inStock) = _find(shipment, id, author.organisation, recipient);
        if (p.quantity == 0) return _nothingUnderWay(shipment);
        if (!p.answered && block.timestamp < p.due) {
            return abi.encodeWithSelector(BatchNotDue.selector, shipment, p.due);
        }
        if (f.number(HAPPENED_AT) < p.sentAt) return _tooEarly(id, p.sentAt);
        if (settled == 0) return _invalid(6, 0);
        if (settled > p.quantity) return _moreThanSent(shipment, settled, p.quantity);
        if (f.number(7) != 0 && f.word(8) == EMPTY) return _textMissing(8);
        _reduce(shipment, id, author.organisation, recipient, p, inStock, settled);
        _give(id, author.organisation, settled, f.number(HAPPENED_AT));
        if (f.number(7) != 0) _lose(id, author.organisation, f.number(7));
        _move(batch, id);
    }

    // ---------------------------------------------------------------- what is under way

    /// @return sent Whether it has found a place: not where the same is under way already.
    function _send(
        bytes32 shipment,
        bytes32 id,
        bytes20 sender,
        bytes20 recipient,
        Parcel memory p
    ) private returns (bool sent) {
        bytes32 key = _parcelKey(shipment, id, sender, recipient);
        if (_parcels[key].quantity != 0) return false;
        if (bytes20(id) != recipient) {
            Stock storage s = _stocks[_stockKey(id, recipient)];
            if (s.incoming == 0) {
                (s.incoming, s.sentAt, s.due) = (p.quantity, p.sentAt, p.due);
                s.shipment = _shipmentTag(shipment, sender);
                return true;
            }
            if (s.shipment == _shipmentTag(shipment, sender)) return false;
        }
        _parcels[key] = p;
        return true;
    }

    /// @return p What of the shipment is not accounted for; all zeros where nothing is.
    /// @return inStock Whether it has its place in the recipient's stock.
    function _find(
        bytes32 shipment,
        bytes32 id,
        bytes20 sender,
        bytes20 recipient
    ) private view returns (Parcel memory p, bool inStock) {
        Stock memory s = _stocks[_stockKey(id, recipient)];
        if (s.incoming != 0 && s.shipment == _shipmentTag(shipment, sender)) {
            return (Parcel(s.incoming, s.sentAt, s.due, false), true);
        }
        return (_parcels[_parcelKey(shipment, id, sender, recipient)], false);
    }

    /// @dev Takes so much out of what `_find` found. The rest is for the sender alone from now on: the
    /// recipient has answered, or the sender gave up waiting.
    function _reduce(
        bytes32 shipment,
        bytes32 id,
        bytes20 sender,
        bytes20 recipient,
        Parcel memory p,
        bool inStock,
        uint256 quantity
    ) private {
        if (inStock) {
            Stock storage s = _stocks[_stockKey(id, recipient)];
            (s.incoming, s.sentAt, s.due, s.shipment) = (0, 0, 0, 0);
        }
        if (inStock && quantity == p.quantity) return;
        bytes32 key = _parcelKey(shipment, id, sender, recipient);
        if (quantity == p.quantity) {
            delete _parcels[key];
        } else {
            _parcels[key] = Parcel(uint40(p.quantity - quantity), p.sentAt, p.due, true);
        }
    }

    // ---------------------------------------------------------------- what a custodian does alone

    /// @dev Actions 7 adjust, 8 dispense, 9 destroy.
    function _change(
        uint256 action,
        Fields f,
        Author memory author,
        Batch memory batch
    ) private returns (bytes memory refusal) {
        bytes32 id = f.word(3);
        uint256 quantity = f.number(4);
        uint256 when = f.number(HAPPENED_AT);
        bytes20 custodian = author.organisation;
        if (quantity == 0) return _invalid(4, 0);
        if (action == 7) {
            if (f.number(5) > 1) return _invalid(5, f.number(5));
            if (f.word(6) == EMPTY) return _textMissing(6);
            if (f.number(5) == 1) {
                uint256 lost = _losses[_stockKey(id, custodian)];
                if (quantity > lost) {
                    return
                        abi.encodeWithSelector(BatchNotLost.selector, id, custodian, quantity, lost);
                }
                // Nothing is taken, but it is looked at as everywhere.
                refusal = _checkTake(id, custodian, 0, when, true);
                if (refusal.length != 0) return refusal;
                _losses[_stockKey(id, custodian)] = lost - quantity;
                _give(id, custodian, quantity, when);
                _move(batch, id);
                return refusal;
            }
        } else if (action == 9 && f.word(5) == EMPTY) {
            return _textMissing(5);
        }
        refusal = _checkTake(id, custodian, quantity, when, action != 8);
        if (refusal.length != 0) return refusal;
        if (action == 7) _lose(id, custodian, quantity);
        else _take(id, custodian, quantity);
        _move(batch, id);
    }

    // ---------------------------------------------------------------- what somebody has

    /// @dev Whether the custodian had so much of the lot at that time, and may part with it.
    function _checkTake(
        bytes32 id,
        bytes20 custodian,
        uint256 quantity,
        uint256 when,
        bool evenBlocked
    ) private view returns (bytes memory refusal) {
        Lot memory made = _lots[id];
        uint256 onHand = made.onHand;
        uint256 since = made.madeAt;
        if (made.state == 0) return _unknown(id);
        if (!evenBlocked && made.state & BLOCKED != 0) return _blocked(id);
        if (bytes20(id) != custodian) {
            Stock memory s = _stocks[_stockKey(id, custodian)];
            (onHand, since) = (s.onHand, s.since);
        }
        if (quantity > onHand) {
            return
                abi.encodeWithSelector(BatchStockShort.selector, id, custodian, quantity, onHand);
        }
        if (when < since) return _tooEarly(id, since);
    }

    /// @dev What was checked is taken away. It closes an open lot of the maker's.
    function _take(bytes32 id, bytes20 custodian, uint256 quantity) private {
        unchecked {
            if (bytes20(id) == custodian) {
                Lot storage made = _lots[id];
                (made.onHand, made.state) = (uint40(made.onHand - quantity), uint8(made.state & ~OPEN));
            } else {
                Stock storage s = _stocks[_stockKey(id, custodian)];
                s.onHand = uint40(s.onHand - quantity);
            }
        }
    }

    /// @dev No sum exceeds what was made of the lot, which fits.
    function _give(bytes32 id, bytes20 custodian, uint256 quantity, uint256 when) private {
        unchecked {
            if (bytes20(id) == custodian) {
                Lot storage made = _lots[id];
                made.onHand = uint40(made.onHand + quantity);
            } else {
                Stock storage s = _stocks[_stockKey(id, custodian)];
                (s.onHand, s.since) = (
                    uint40(s.onHand + quantity),
                    s.since == 0 ? uint32(when) : s.since
                );
            }
        }
    }

    /// @dev From what is there to what is lost.
    function _lose(bytes32 id, bytes20 custodian, uint256 quantity) private {
        _take(id, custodian, quantity);
        unchecked {
            _losses[_stockKey(id, custodian)] += quantity;
        }
    }

    // ---------------------------------------------------------------- shared

    /// @dev The maker's organisation and the first 12 bytes of a hash over GTIN and number: the maker
    /// needs no storage, and nobody can make a lot in another's name.
    function _lotId(bytes20 maker, uint256 gtin, bytes32 number) private pure returns (bytes32) {
        return maker | (keccak256(abi.encode(gtin, number)) >> 160);
    }

    /// @dev A category counted in a unit. Categories are the authority's; to find a unit that makes
    /// one category look like another takes 2**80 tries.
    function _goods(bytes32 category, bytes32 unitKey) private pure returns (bytes10) {
        return bytes10(keccak256(abi.encode(category, unitKey)));
    }

    function _stockKey(bytes32 id, bytes20 custodian) private pure returns (bytes32) {
        return keccak256(abi.encode(id, custodian));
    }

    /// @dev What tells a shipment from others of the same lot to the same recipient. Nobody else's can
    /// be hit upon in less than 2**80 tries; a sender who tries 2**40 pairs may answer for his own under
    /// another word, which gains him nothing.
    function _shipmentTag(bytes32 shipment, bytes20 sender) private pure returns (bytes10) {
        return bytes10(keccak256(abi.encode(shipment, sender)));
    }

    function _parcelKey(
        bytes32 shipment,
        bytes32 id,
        bytes20 sender,
        bytes20 recipient
    ) private pure returns (bytes32) {
        return keccak256(abi.encode(shipment, id, sender, recipient));
    }

    function _nothingUnderWay(bytes32 shipment) private pure returns (bytes memory) {
        return abi.encodeWithSelector(BatchNothingUnderWay.selector, shipment);
    }

    function _moreThanSent(
        bytes32 shipment,
        uint256 wanted,
        uint256 underWay
    ) private pure returns (bytes memory) {
        return abi.encodeWithSelector(BatchMoreThanSent.selector, shipment, wanted, underWay);
    }

    function _categoryUnknown(bytes32 key) private pure returns (bytes memory) {
        return abi.encodeWithSelector(BatchCategoryUnknown.selector, key);
    }

    function _unknown(bytes32 id) private pure returns (bytes memory) {
        return abi.encodeWithSelector(BatchLotUnknown.selector, id);
    }

    function _goodsWrong(bytes32 id) private pure returns (bytes memory) {
        return abi.encodeWithSelector(BatchGoodsWrong.selector, id);
    }
}
