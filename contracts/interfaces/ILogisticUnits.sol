// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBatchLedger} from "./IBatchLedger.sol";
import {ICustody} from "./ICustody.sol";

/// @title Pallets and cartons: lots that travel together
/// @notice A logistic unit (SSCC) holds parts of its packer's stock, which are nobody's stock until
/// it is taken apart. It is handed over as a whole.
///
/// Every write is a signed entry (see `ISignedEntries`) by an account with the role SUPPLIER, STORE or
/// BUYER. Each moves the chain of the unit and those of all lots in it; lists of parts are as in
/// `IBatchLedger`. Actions, in the order of their numbers:
///
/// 1. `Aggregate(…, uint64 sscc, Part[] parts)` — packs parts of one's stock. The unit's id is
///    keccak256(keccak256("unit") ‖ organisation ‖ sscc), each a 32-byte word; no organisation uses a
///    number twice.
/// 2. `TakeApart(…, bytes32 unit, Part[] parts)` — by who has it; also by its sender, when it is
///    under way and `due` has passed. The parts are in his stock again.
/// 3. `ShipUnit(…, bytes32 unit, bytes20 recipient, uint40 due, uint8 purpose, Part[] parts)` — as
///    `IBatchLedger` ships; refused with purpose 0 while a hold or recall of any of its lots stands.
/// 4. `ReceiveUnit(…, bytes32 unit, bool accepted, string reason, Part[] parts)` — by the recipient,
///    as a whole. If it is not accepted, for a reason, the sender has it again.
///
/// Actions 2 to 4 repeat the parts, which the contract knows by their hash only.
///
/// Not protected: that a number is the packer's own by GS1's rules. Units hold lots, not units.
interface ILogisticUnits is ICustody {
    /// @notice The logistic unit is in another state: 0 none, 1 packed, 2 under way, 3 taken apart.
    error BatchUnitWrong(bytes32 unit, uint8 state);
    /// @notice The unit holds other parts.
    error BatchUnitContents(bytes32 unit);
    /// @notice The organisation does not have the unit, or it is not on its way to it.
    error BatchNotHolder(bytes32 unit, bytes20 organisation);

    /// @notice The ledger whose lots the units hold; it made this contract.
    function ledger() external view returns (IBatchLedger);

    /// @notice A logistic unit: who has it since when, its state (see `BatchUnitWrong`), the hash of
    /// its parts (EIP-712), and to whom it was last sent, due when.
    function unit(
        bytes32 id
    )
        external
        view
        returns (
            bytes20 holder,
            uint40 since,
            uint8 state,
            bytes32 contents,
            bytes20 recipient,
            uint40 due
        );
}
