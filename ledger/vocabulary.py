"""The closed sets of the ledger, with the numbers the contracts use."""

from enum import IntEnum, IntFlag, StrEnum

#: A stated "without end" (2**40 - 1 seconds). Zero always means "unstated", which is unknown.
NO_END = (1 << 40) - 1

#: ``withdrawnFrom`` of a mirrored qualification that its register calls withdrawn without a day:
#: at an unstated time before the publication, so at every time that can be asked about.
WITHDRAWN_UNDATED = 1


class Role(IntFlag):
    """What an organisation, and an account within it, may do. Both must carry the bit."""

    AUTHORITY = 1
    ISSUER = 2
    LABORATORY = 4
    REVIEWER = 8
    MIRROR = 16
    SUPPLIER = 32
    AUDITOR = 64
    BUYER = 128
    STORE = 256


class OrganisationStatus(IntEnum):
    """LISTED: others state things about it; it has no accounts and no rights."""

    NONE = 0
    LISTED = 1
    ACTIVE = 2
    SUSPENDED = 3
    CLOSED = 4


class AccountState(IntEnum):
    NONE = 0
    LIVE = 1
    DISABLED = 2
    REMOVED = 3
    COMPROMISED = 4


class QualificationState(IntEnum):
    """The stored state; time (validity, effective withdrawal) comes on top of it."""

    NONE = 0
    SUBMITTED = 1
    VERIFIED = 2
    EDITED = 3
    REFUSED = 4
    IN_FORCE = 5
    RESTRICTED = 6
    SUSPENDED = 7
    WITHDRAWN = 8
    SUPERSEDED = 9
    DELISTED = 10


class Way(IntEnum):
    """How a qualification came onto the ledger."""

    NONE = 0
    ISSUED = 1
    REVIEWED = 2
    WAIVED = 3
    MIRRORED = 4


class InspectionResult(IntEnum):
    """What a laboratory found."""

    PASSED = 1
    FAILED = 2
    INCONCLUSIVE = 3


class Clock(StrEnum):
    """Which time decides whether a mirrored fact was known at K."""

    RECORDED = "recorded"
    PUBLISHED = "published"
