// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IParticipantRegistry} from "./IParticipantRegistry.sol";

/// @title Who is qualified for what
/// @notice Qualifications of organisations, their review and their changes; what a category
/// requires; what registers publish; stated capacities; alarms closed and replies given.
///
/// A qualification holds for a *scope*: a category of the catalogue and optionally a model. Without
/// a model it covers every model of exactly this category; with one it covers that model, compared
/// whole. Its id is keccak256(source ‖ holder ‖ category ‖ model ‖ kind ‖ digest), each a word,
/// the texts as their keccak-256: `digest` is that of the entry that made it, `source` the
/// organisation that signed that entry or, for a mirrored one, the subject of the register. So an
/// id names its terms and cannot be taken by a copy, and a citation needs few words.
///
/// Dates are seconds UTC in half-open intervals. 0 means unstated, which is unknown and never
/// open; 2**40 − 1 as an end means "without end", stated.
///
/// States: 1 submitted, 2 verified, 3 edited, 4 refused, 5 in force, 6 restricted, 7 suspended,
/// 8 withdrawn, 9 superseded, 10 delisted. Time (not yet valid, expired, withdrawal not yet
/// effective) comes on top of the state. Ways in: 1 issued, 2 reviewed, 3 waived, 4 mirrored.
///
/// Every write is a signed entry (see `ISignedEntries`). Actions, in the order of their numbers:
///
/// 1. `SetCategory(…, bool rawMaterial, string category, string parent, string nameZh,
///    string nameEn, string unit, string codes)` — authority. Adds or restates a category.
/// 2. `SetRequirement(…, uint40 from, uint40 until, string category, string kind)` — authority.
///    The category requires the kind in this time; replaces what stood for the pair. At most 8.
/// 3. `AcceptMirror(…, bool accepted, string register, string kind)` — authority. Whether
///    qualifications of this kind mirrored from the register count at the gate.
/// 4. `IssueQualification(…, bytes20 holder, uint40 validFrom, uint40 validUntil,
///    bytes32 document, string category, string model, string kind, string number)` — role ISSUER,
///    accredited for the kind both at `happenedAt` and now.
/// 5. `SubmitQualification(…, uint40 validFrom, uint40 validUntil, bytes32 document,
///    string category, string model, string kind, string number)` — role SUPPLIER; for itself.
/// 6. `VerifyQualification(…, bytes32 qualification, bytes32 document, string note)`,
/// 7. `EditQualification(…, bytes32 qualification, uint40 validFrom, uint40 validUntil,
///    bytes32 document, string number, string note)`,
/// 8. `PublishQualification(…, bytes32 qualification, bytes32 document, string note)`,
/// 9. `RefuseQualification(…, bytes32 qualification, bytes32 document, string reason)` — role
///    REVIEWER; 6, 7, 8 in this order by three different accounts of at least two organisations,
///    9 instead of any of them; nobody of the submitter's organisation. The edit states the dates
///    and number that will hold; scope and kind are those submitted.
/// 10. `WaiveQualification(…, bytes20 holder, uint40 validFrom, uint40 validUntil,
///    bytes32 document, string category, string model, string kind, string reason)` — authority.
///    An emergency waiver of the kind; both dates and the reason must be stated, with an end.
/// 11. `RecordPublication(…, uint40 published, bytes32 document, uint64 rows, bytes32 rowsRoot,
///    string register, string title)` — role MIRROR, accredited for the kind `register`,
///    which by custom starts with `register:`.
///    Its id is keccak256(organisation ‖ digest), each a word.
/// 12. `MirrorQualification(…, bytes20 holder, uint40 validFrom, uint40 validUntil,
///    bytes32 document, bytes32 publication, uint40 withdrawnFrom, string category, string model,
///    string kind, string number)` — by the organisation that recorded the publication, while
///    accredited. `document` is the row's hash; `withdrawnFrom` is 0, or since when the register
///    says that it no longer holds (1: it does not say when).
/// 13. `DelistQualification(…, bytes32 qualification, bytes32 publication, string reason)` — by the
///    mirror: a later publication no longer lists it, which is not a withdrawal.
/// 14. `EndKind(…, bytes32 publication, uint40 effective, string kind, string reason)` — by the
///    mirror: the register ended every qualification of this kind from then on. Of several the
///    earliest holds.
/// 15. `RestrictQualification`, 16. `SuspendQualification`, 17. `ReinstateQualification`
///    `(…, bytes32 qualification, bytes32 document, string reason)`,
/// 18. `WithdrawQualification(…, bytes32 qualification, bytes32 document, uint40 effective,
///    string reason)`,
/// 19. `SupersedeQualification(…, bytes32 qualification, bytes32 successor, string reason)` — by
///    the issuer, by an account with the role in which it was made (for a reviewed one: a REVIEWER
///    of the publisher's organisation), or by the authority with a quorum, which alone may change
///    a waiver. Restricted and suspended ones can be reinstated; withdrawal is final, but may be
///    stated again with an earlier date. Only its date makes a withdrawal reach back; a future
///    date is for what is in force or restricted now.
/// 20. `StateCapacity(…, bytes20 organisation, bytes32 publication, bytes32 document,
///    uint64 perDay, string category, string model, string unit)` — role SUPPLIER for itself with
///    no publication, or the mirror of the publication. `perDay` 0: makes it, amount unknown.
/// 21. `CloseAlarm(…, bytes32 alarm, string reason)` — role AUDITOR.
/// 22. `Reply(…, bytes32 about, bytes32 document, string text)` — any live account.
///
/// Not protected: whether what is stated is true; whether the same paper was used twice (readers
/// find that and raise an alarm); the holder's consent, or that it is still active; that the
/// publication which delists is one of the same register. Names of kinds and registers are free
/// text: accreditation decides which of them anybody can use. Where nothing is required, as of a
/// category that was never set, the gate is open: ask `category` first.
interface IQualificationRegistry {
    /// @notice One qualification that a gated entry relies on. `register` is the keccak-256 of
    /// the register's name for a mirrored one, else 0. `anyModel` says that it has no model.
    struct Citation {
        bytes20 author;
        bytes32 register;
        bytes32 kind;
        bytes32 digest;
        bool anyModel;
    }

    /// @notice The category was never set, or is empty.
    error QualificationCategoryUnknown(bytes32 category);
    /// @notice No kind, or another text that must be given, is given; its place in the type.
    error QualificationTextMissing(uint256 field);
    /// @notice A word outside its range; its place in the type, from 0.
    error QualificationValueInvalid(uint256 field, uint256 value);
    /// @notice The beginning does not lie before the end, or a date is beyond the range.
    error QualificationDatesReversed(uint256 from, uint256 until);
    /// @notice A date must be stated here; 0, or an end "without end", is not enough.
    error QualificationDateUnstated();
    /// @notice A category can require at most 8 kinds.
    error QualificationRequirementsFull(bytes32 category);
    /// @notice The organisation is not accredited for the kind at this time.
    error QualificationNotAccredited(bytes20 organisation, bytes32 kind, uint256 time);
    /// @notice No entry has ever touched the holder: there is no such organisation.
    error QualificationHolderUnknown(bytes20 holder);
    /// @notice The same words of the same organisation made this qualification, or publication, before.
    error QualificationExists(bytes32 id);
    /// @notice There is no such qualification.
    error QualificationUnknown(bytes32 qualification);
    /// @notice The qualification is in a state in which this cannot be done.
    error QualificationStateWrong(bytes32 qualification, uint8 state);
    /// @notice Only the issuer, or a quorum of the authority, may change it.
    error QualificationNotIssuer(bytes32 qualification, bytes20 organisation);
    /// @notice The reviewer belongs to the submitter's organisation.
    error QualificationReviewerOfSubmitter(bytes20 organisation);
    /// @notice The same account took an earlier step of this review.
    error QualificationReviewerRepeated(address account);
    /// @notice All three reviewers belong to one organisation.
    error QualificationReviewersOfOneOrganisation(bytes20 organisation);
    /// @notice The organisation did not record this publication.
    error QualificationPublicationForeign(bytes32 publication, bytes20 organisation);
    /// @notice It was withdrawn from `effective` or earlier.
    error QualificationAlreadyWithdrawn(bytes32 qualification, uint256 effective);
    /// @notice Capacity is stated by the organisation itself or by a mirror.
    error QualificationCapacityForeign(bytes20 organisation, bytes20 author);
    /// @notice No citation covers a required kind at this time.
    error QualificationKindNotCovered(bytes32 category, bytes32 kind, uint256 time);

    /// @notice The participants on whose word this registry relies.
    function participants() external view returns (IParticipantRegistry);

    /// @notice The qualification's issuer, dates, state and way in; zeros where there is none.
    /// The end of a withdrawn one is the day from which the withdrawal holds, if it did not end
    /// before; where its end was unstated, the beginning is 0.
    function qualification(
        bytes32 id
    )
        external
        view
        returns (bytes20 issuer, uint40 validFrom, uint40 validUntil, uint8 state, uint8 way);

    /// @notice Whether the category is set, and whether it may be commissioned as raw material.
    function category(bytes32 key) external view returns (bool known, bool rawMaterial);

    /// @notice The kinds that a category requires, with from when until when each is required.
    function requirements(
        bytes32 key
    ) external view returns (bytes32[] memory kinds, uint64[] memory from, uint64[] memory until);

    /// @notice The gate by citation, for contracts that record what holders do.
    /// @param holder Who does it.
    /// @param categoryKey keccak-256 of the category, `modelKey` of the model.
    /// @param happenedAt When it happened.
    /// @param citations The qualifications that the entry relies on.
    /// @return refusal Empty if, for every kind that the category requires at `happenedAt`, one of
    /// `citations` belongs to the holder, covers the scope, has stated dates that contain
    /// `happenedAt`, and is in force or restricted now (a withdrawal that is not yet effective
    /// still lets it count; a mirrored one counts only where the authority accepted it and its
    /// kind was not ended). Otherwise the ABI-encoded `QualificationKindNotCovered`.
    function gate(
        bytes20 holder,
        bytes32 categoryKey,
        bytes32 modelKey,
        uint256 happenedAt,
        Citation[] calldata citations
    ) external view returns (bytes memory refusal);
}
