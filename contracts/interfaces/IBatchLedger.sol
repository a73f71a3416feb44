// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBatchOversight} from "./IBatchOversight.sol";
import {ICustody, Part} from "./ICustody.sol";
import {ILogisticUnits} from "./ILogisticUnits.sol";
import {IQualificationRegistry} from "./IQualificationRegistry.sol";

/// @title What was made of what, and who has it
/// @notice Lots of material: commissioned, transformed, handed over, used up. Quantities are whole
/// numbers of the lot's unit (UN/ECE Recommendation 20; choose a finer unit for fractions).
///
/// A lot's id is the maker's organisation (20 bytes) ‖ the first 12 bytes of keccak256(gtin ‖
/// keccak256(lot number)), each a 32-byte word: nobody makes a lot in another's name. *Goods* are a
/// category counted in a unit: the first 10 bytes of keccak256(keccak256(category) ‖
/// keccak256(unit)). Everybody who has some of a lot has his own stock of it. Quantities change
/// hands by a shipment and its receipt, and end by being used up, dispensed, destroyed or lost.
///
/// Every write is a signed entry (see `ISignedEntries`). Lists stand at the end of their type, at
/// most 8 items, each list travelling as its length (1 byte) and its items packed. A list of parts
/// has at least one, no quantity is zero, and the lots come in the order of their ids, each once.
/// Custody acts need the role SUPPLIER, STORE or BUYER. Nobody acts on goods at a time before he
/// had them. The chain of each lot that an entry names moves. Actions, in the order of their numbers:
///
/// 1. `Commission(…, uint40 quantity, uint48 gtin, bool originNotShown, bytes32 document,
///    string lot, string category, string model, string unit, string place, string origin,
///    Citation[] cited)` — makes a lot out of nothing. Either by a SUPPLIER, in a category that is raw
///    material, with citations that open the gate (`IQualificationRegistry.gate`) for category,
///    model and `happenedAt`; or marked *origin not shown*, for ever, in any category and without
///    the gate, for goods whose past is not on the ledger (`gtin` may then be 0; `origin` says what
///    is told of it). Such a lot never grows.
/// 2. `Transform(…, uint40 quantity, uint48 gtin, string lot, string category, string model,
///    string unit, string process, string place, Part[] inputs, Citation[] cited)` — a SUPPLIER uses
///    up parts of lots that it has, and makes `quantity` of one lot, under a process of the
///    authority and through the gate. For each ingredient of the process the inputs of its goods,
///    times `per`, must be at least `quantity` × `least`, else `BatchOverrun`; an input that is no
///    ingredient is refused; more than `most` marks the lot as underrun. An open lot of the same
///    goods and model grows. Several outputs are several entries.
/// 3. `Ship(…, bytes32 lot, bytes20 recipient, uint40 quantity, uint40 due, uint8 purpose,
///    string reference)` — to another active organisation with a custody role. Purpose 0 ordinary,
///    1 return, 2 quarantine. The shipment's id is the entry's digest.
/// 4. `Receive(…, bytes32 lot, bytes32 shipment, bytes20 sender, uint40 accepted, string reason)` —
///    by the recipient, once: all, part or none of it; `reason` where it is not all.
/// 5. `Settle(…, bytes32 lot, bytes32 shipment, bytes20 recipient, uint40 returned, uint40 lost,
///    string reason)` — by the sender: what became of that which the recipient did not accept or,
///    after `due`, never answered. May be done in parts.
/// 6. `CloseLot(…, bytes32 lot)` — by its maker. The first movement or use of a lot by its maker
///    closes it too. A closed lot never grows; so no lot is made of itself, however far round.
/// 7. `Adjust(…, bytes32 lot, uint40 quantity, bool up, string reason)` — down: a loss. Up: at most
///    what this custodian lost of this lot before.
/// 8. `Dispense(…, bytes32 lot, uint40 quantity, string to)` — handed out to those who use it.
/// 9. `Destroy(…, bytes32 lot, uint40 quantity, string reason)`.
/// 10. `SetIngredient(…, uint40 least, uint40 most, uint40 per, string process, string category,
///    string unit, string input, string inputUnit)` — authority. In this process `per` of the output
///    goods need at least `least` of the input goods, and more than `most` (0: no bound) is more than
///    the usual loss. `per` 0 takes the ingredient out. A process has at most 8 ingredients and
///    keeps its output goods while it has any.
///
/// While a hold or a recall of a lot stands (`IBatchOversight`), it is not shipped with purpose 0,
/// used or dispensed, and does not grow. What is under way may be received; returning, quarantine,
/// packing, destruction, losses and finding again go on.
///
/// Not protected: that goods exist, are what they are called, or came from the inputs named. That
/// two makers do not use the same GTIN and lot number. Where goods go that are shipped back or into
/// quarantine. Who ran out of a lot and got some again may claim a time in between. A shipment's id
/// may come again, when a colleague signs the same words after it was received. Nothing propagates: a
/// hold names single lots. The process is that of the recording, not of `happenedAt`; the licence
/// of a maker is looked at when he makes, not when others trade.
interface IBatchLedger is ICustody {
    /// @notice Only the oversight contract blocks lots.
    error BatchNotOversight(address caller);
    /// @notice Only the logistic units set goods aside and put them back.
    error BatchNotUnits(address caller);
    /// @notice The lot number is not 1 to 20 characters of GS1's character set 82.
    error BatchLotNumberInvalid();
    /// @notice The category was never set.
    error BatchCategoryUnknown(bytes32 category);
    /// @notice The category is no raw material, and the origin is not marked as not shown.
    error BatchNotRawMaterial(bytes32 category);
    /// @notice The lot was made before.
    error BatchLotExists(bytes32 lot);
    /// @notice There is no such lot.
    error BatchLotUnknown(bytes32 lot);
    /// @notice The lot was moved, used or closed, and can neither grow nor be closed again.
    error BatchLotClosed(bytes32 lot);
    /// @notice Only the maker of a lot closes it.
    error BatchNotMaker(bytes32 lot, bytes20 organisation);
    /// @notice The lot holds other goods or another model, or its category and unit are no
    /// ingredient of the process: there is no conversion.
    error BatchGoodsWrong(bytes32 lot);
    /// @notice The process has no ingredients.
    error BatchProcessUnknown(bytes32 process);
    /// @notice The process makes other goods.
    error BatchProcessForeign(bytes32 process);
    /// @notice A process can have at most 8 ingredients.
    error BatchProcessFull(bytes32 process);
    /// @notice So much cannot come out of what went in: `quantity` needs `needed` of the input
    /// goods, `given` was given.
    error BatchOverrun(bytes10 input, uint256 quantity, uint256 given, uint256 needed);
    /// @notice The lot is among its own inputs.
    error BatchMadeOfItself(bytes32 lot);
    /// @notice The custodian has less of the lot.
    error BatchStockShort(bytes32 lot, bytes20 custodian, uint256 wanted, uint256 onHand);
    /// @notice The custodian lost less of the lot.
    error BatchNotLost(bytes32 lot, bytes20 custodian, uint256 wanted, uint256 lost);
    /// @notice The same shipment, word for word, is under way already, by another account of the
    /// sender.
    error BatchUnderWayAlready(bytes32 shipment);
    /// @notice No such shipment between these two, or it was answered already.
    error BatchNothingUnderWay(bytes32 shipment);
    /// @notice More than is under way.
    error BatchMoreThanSent(bytes32 shipment, uint256 wanted, uint256 underWay);
    /// @notice The recipient did not answer and has time until `due`.
    error BatchNotDue(bytes32 shipment, uint256 due);
    /// @notice The qualifications that the gate looks at.
    function qualifications() external view returns (IQualificationRegistry);

    /// @notice The contract that keeps holds and recalls, made by this one.
    function oversight() external view returns (IBatchOversight);

    /// @notice The contract that keeps logistic units, made by this one.
    function units() external view returns (ILogisticUnits);

    /// @notice Takes the parts out of the custodian's stock, all or none; only `units`, which has
    /// checked the list.
    /// @return refusal Empty if taken, otherwise the ABI-encoded error.
    function setAside(
        bytes20 custodian,
        uint256 when,
        Part[] calldata parts
    ) external returns (bytes memory refusal);

    /// @notice Puts what was set aside into the custodian's stock; only `units`, which knows that it
    /// was.
    function putBack(bytes20 custodian, uint256 when, Part[] calldata parts) external;

    /// @notice Blocks the lot or lets it go. Only `oversight`.
    function setBlocked(bytes32 lot, bool blocked) external;

    /// @notice A lot: its goods, the first bytes of its model's hash, what its maker has, when it was
    /// begun, and its state: 1 made, 2 open, 4 origin not shown, 8 blocked, 16 underrun, added up.
    /// Zeros where there is none.
    function lot(
        bytes32 id
    )
        external
        view
        returns (bytes10 goods, bytes6 model, uint40 onHand, uint40 madeAt, uint8 state);

    /// @notice What the custodian has and lost of the lot, and since when it had any.
    function stock(
        bytes32 id,
        bytes20 custodian
    ) external view returns (uint40 onHand, uint40 lost, uint40 since);

    /// @notice What of a shipment is not accounted for, when it was sent and due, and whether the
    /// recipient answered. Zeros where nothing is left.
    function parcel(
        bytes32 shipment,
        bytes32 lot,
        bytes20 sender,
        bytes20 recipient
    ) external view returns (uint40 quantity, uint40 sentAt, uint40 due, bool answered);

    /// @notice A process, by the keccak-256 of its name: output goods and ingredients.
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
        );
}
