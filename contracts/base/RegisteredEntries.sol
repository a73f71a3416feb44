// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEntryLog} from "../interfaces/IEntryLog.sol";
import {Actor, IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {SignedEntries} from "./SignedEntries.sol";

/// @dev Signed entries whose accounts stand in a `ParticipantRegistry` that is another contract.
/// What was looked up is remembered within a batch, for nothing that these contracts record changes
/// an account or an accreditation.
abstract contract RegisteredEntries is SignedEntries {
    IParticipantRegistry internal immutable _participants;
    IEntryLog private immutable _entryLog;

    constructor(IParticipantRegistry participants_) {
        _participants = participants_;
        _entryLog = participants_.log();
    }

    function _log() internal view override returns (IEntryLog) {
        return _entryLog;
    }

    function _limits() internal view override returns (uint256, uint256) {
        return _participants.limits();
    }

    function _actor(address account, Batch memory batch) internal view override returns (Actor memory) {
        Actor memory known = batch.actor;
        if (batch.known != account) {
            Actor memory found = _participants.actor(account);
            // Copied, for what an entry allocates is given back after it.
            (known.organisation, known.roles, known.live) = (found.organisation, found.roles, found.live);
            batch.known = account;
        }
        return known;
    }

    /// @dev Whether the organisation is accredited for the kind at `time` and now.
    function _isAccredited(
        bytes20 organisation,
        bytes32 kind,
        uint256 time,
        Batch memory batch
    ) internal view returns (bool) {
        if (batch.askedOf != organisation || batch.askedFor != kind) {
            (batch.firstAnswer, batch.secondAnswer) = _participants.accreditation(organisation, kind);
            (batch.askedOf, batch.askedFor) = (organisation, kind);
        }
        (uint256 from, uint256 until) = (batch.firstAnswer, batch.secondAnswer);
        return time >= from && time < until && block.timestamp >= from && block.timestamp < until;
    }
}
