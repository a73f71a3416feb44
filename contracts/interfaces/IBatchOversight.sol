// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBatchLedger} from "./IBatchLedger.sol";

/// @title What was found about lots, and which of them must stand still
/// @notice Inspections, holds, recalls, their acknowledgements, corrections, and what mirrored
/// registers say of recalls elsewhere.
///
/// Every write is a signed entry (see `ISignedEntries`) about a lot of the `BatchLedger` and moves
/// that lot's chain; a mirrored recall is about a firm and moves the firm's. Actions, in the order of
/// their numbers:
///
/// 1. `Inspect(…, bytes32 lot, uint40 sampledAt, uint8 result, bytes32 document, string standard,
///    string number)` — by an account with the role LABORATORY of an organisation accredited for the
///    kind `standard`, when the sample was taken and now. Result 1 passed, 2 failed, 3 inconclusive.
///    The sample was taken after the lot was begun and not after `happenedAt`. `number` is the
///    report's. Nothing on chain follows from a result.
/// 2. `Hold(…, bytes32 lot, bytes32 document, string reason)` — by the lot's maker, by an
///    organisation accredited for the kind `oversight`, or by a quorum of the authority. Its id is
///    the entry's digest. While any hold or recall of a lot stands, the ledger lets nobody ship it
///    (but back or into quarantine), use, dispense it or add to it.
/// 3. `Recall(…, bytes32 lot, uint64 completeTo, bytes32 campaign, bytes32 document,
///    string reason)` — by the same. It stops the lot as a hold does. `completeTo` is the number of
///    log entries over which its scope was computed; recalls with one `campaign` belong together.
/// 4. `Release(…, bytes32 lot, bytes32 hold, bytes32 document, string reason)` — ends a hold or a
///    recall; by an account of the organisation that set it which could set it now, or by a quorum of
///    the authority. What a quorum set, only a quorum ends.
/// 5. `Acknowledge(…, bytes32 lot, bytes32 recall, uint40 setAside, uint40 gone, string note)` — by
///    an account with the role SUPPLIER, STORE or BUYER: so much of the lot is set aside, so much is
///    not there any more.
/// 6. `Correct(…, bytes32 lot, bytes32 entry, bytes32 document, string text)` — by any live account:
///    what is wrong with the entry of that digest about the lot. Nothing on chain follows from it.
/// 7. `MirrorRecall(…, bytes20 organisation, bytes32 publication, bytes32 document,
///    uint40 initiated, uint40 ended, string register, string number, string product, string lots,
///    string reason)` — by an account with the role MIRROR of an organisation that is accredited for
///    the register and recorded a publication of it: the register says that the firm recalls these
///    lots. `ended` is 0 where none is stated. It stops no lot.
///
/// Not protected: a hold's id is what was signed, and the first to record it has it: a maker who sees
/// another's hold of his lot before it is recorded can sign the same words, and end his copy; the
/// other must sign again. Holds and recalls name single lots; what was made of them goes on until it is named
/// too. Whether somebody who acknowledges ever had the lot, whether a correction is by the author
/// of what it corrects, and whether a mirror's publication is the right one, are for readers to see.
interface IBatchOversight {
    /// @notice The ledger has no such lot.
    error OversightLotUnknown(bytes32 lot);
    /// @notice A time, result or number outside its range; its place in the type, from 0.
    error OversightValueInvalid(uint256 field, uint256 value);
    /// @notice A text that must be given is not; its place in the type.
    error OversightTextMissing(uint256 field);
    /// @notice The organisation is not accredited for the kind at this time, or not now.
    error OversightNotAccredited(bytes20 organisation, bytes32 kind, uint256 time);
    /// @notice The sample was taken before the lot was begun.
    error OversightSampledBeforeMade(uint256 sampledAt, uint256 madeAt);
    /// @notice The organisation has no right to stop this lot, or to let it go.
    error OversightNoRight(bytes32 lot, bytes20 organisation);
    /// @notice The same hold or recall, word for word, stands already.
    error OversightStandsAlready(bytes32 lot, bytes32 digest);
    /// @notice No such hold or recall of the lot stands.
    error OversightNotStanding(bytes32 lot, bytes32 digest);
    /// @notice The author never recorded a publication of this register.
    error OversightNothingPublished(bytes32 register);
    /// @notice There is no such organisation.
    error OversightFirmUnknown(bytes20 organisation);

    /// @notice The ledger whose lots these entries are about; it made this contract.
    function ledger() external view returns (IBatchLedger);

    /// @notice Who set the hold or recall with this digest of the lot, and which of the two it is;
    /// zeros where none stands.
    function standing(bytes32 lot, bytes32 digest) external view returns (bytes20 author, bool recall);

    /// @notice How many holds and recalls of the lot stand.
    function standings(bytes32 lot) external view returns (uint256);
}
