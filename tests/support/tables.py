"""Small tables for tests: a few rows as the bytes of a CSV file."""

import csv
import io
from collections.abc import Mapping, Sequence


def csv_bytes(columns: Sequence[str], *rows: Mapping[str, str]) -> bytes:
    """The rows as CSV; a cell that a row does not give is empty."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()
