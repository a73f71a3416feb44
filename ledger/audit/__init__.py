"""The audit of ourselves: that the database and the files say exactly what the ledger says.

>>> audit(Path("data"), clock=time.time).is_clean
True
"""

from ledger.audit.carrying_out import audit
from ledger.audit.report import LIMITS, PARTS, Finding, Report

__all__ = ["LIMITS", "PARTS", "Finding", "Report", "audit"]
