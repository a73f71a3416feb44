"""The texts of recalls say the same to both verifiers, although each has its own reading of them,
and Python and JavaScript do not agree on what a letter, a digit, white space and case are."""

import csv
import json
import random
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from ledger.recalls import LotText, lot_texts, parse_lots, read_lots, same_lot
from tests.support.shared import register

_HERE: Final = Path(__file__).resolve().parent
_VECTORS: Final = _HERE.parent / "vectors" / "recall_lots.json"
#: What the rules turn on, and what two languages may see differently in it.
_PIECES: Final = (
    *("Lot", "LOTS", "lot#", "Lot No.", "lots/expiration dates:", "lot numbers/ range", "batch"),
    *("Batch codes", "Serial", "serial numbers", "S/N", "REF", "Cat. No.", "catalog", "Item"),
    *("Model", "SKU", "UDI", "UDI-DI", "GTIN", "Exp", "expiry", "Expiration Date:", "use by"),
    *("best before", "mfg.", "manufactured", "qty", "NDC", "part number", "part no", "all lots"),
    *("All", "all affected units", "except", "other than", "no expiration", "through", "to", "and"),
    *("批号", "产品批号", "序列号", "型号", "有效期至", "生产日期", "数量", "所有批次", "除外"),
    *("至", "–", "—", "~", " - ", "/", "&", ",", ";", ":", ".", "(", ")", "、", "。", "#"),
    *("a)", "1)"),
    *("A12", "ABC123", "17081557-21062362", "NP-2406A", "XK-2025-0417", "123", "12", "7", "LOT12"),
    *("AB", "ABCD", "SEE", "VARIOUS", "2021", "2020-05", "05/2021", "12/25/2020", "1/2/21"),
    *("Jan 2020", "Mar. 5, 2021", "15 May 2019", "Apr-21", "20210501", "13-20", "02/30/2020"),
    *("2020年5月", "2020年05月01日", "5 boxes", "100 units", "12盒", "0000-00-00"),
    *("(01)00812345678901", "(10)AB-12", "(17)250131", "(17)20250100", "(21)S1"),
    *("(17)❶❶❶❶❶❶", "(17)٢٥٠١٣١", "(01)٠٠٠٠٠٠٠٠٠٠٠٠٠٠", "(10)ﬁ１"),
    # Turkish i, long s, Kelvin, sharp s, ligatures, digits of all kinds, letters beyond 16 bits.
    *("LİSTED", "unİts", "serıal", "expıry 2020-05", "lotſ", "\u212aits", "ß", "ẞ", "ﬁ", "Ⅷ", "①"),
    *("❶", "²", "٠١٢", "é", "e\u0301", "😀", "𝟙𝟚", "ＡＢ１２", "lotı", "İlot", "nos.é", "no.1"),
    *("\u2028", "\u200b", "\ufeff", "\x1c", "\xa0", "\u3000", "\x85", "\0"),
    *("\v", "\n", "\r\n", "\t"),
)  # fmt: skip
_LOTS: Final = (
    "ABC123",
    "abc-1 23",
    "NP2406a",
    "17081600",
    "xk\u20102025\u20100417",
    "ß",
    "SS",
    "ı",
)


def _made_up(chance: random.Random) -> str:
    between = chance.choice((" ", "", ", ", "\n"))
    pieces = [chance.choice(_PIECES) for _ in range(chance.randrange(1, 15))]
    return "".join(piece + chance.choice((" ", between)) for piece in pieces)


def _torn(chance: random.Random, text: str) -> str:
    start = chance.randrange(len(text) + 1)
    torn = list(text[start : start + chance.randrange(200)])
    for _ in range(chance.randrange(5) if torn else 0):
        torn[chance.randrange(len(torn))] = chance.choice((*_PIECES, *"0123456789-/(),:;. \n"))
    return "".join(torn)


def _by_python(text: str, lots: Iterable[str]) -> list[Any]:
    told: LotText = read_lots(text)
    mentions = [
        [m.kind.value, m.text, m.start, m.end, m.decidable, [x for x in lots if same_lot(m, x)]]
        for m in told.reading.mentions
    ]
    return [told.part, told.parts, mentions, list(told.reading.unparsed)]


def _differing(texts: Iterable[str], folder: Path) -> list[str]:
    asked = [(t, (*_LOTS, *(m.start for m in read_lots(t).reading.mentions[:3]))) for t in texts]
    file = folder / "texts.json"
    file.write_text(json.dumps(asked))
    node = Path(sys.executable).parent / "node"
    done = subprocess.run(
        [node, _HERE / "read-lots.mjs", file], capture_output=True, encoding="utf-8", timeout=300
    )
    assert done.returncode == 0, done.stderr[-4000:]
    theirs = json.loads(done.stdout)
    assert len(theirs) == len(asked)
    return [
        f"{text!r}\n  Python {ours}\n  JavaScript {other}"
        for (text, lots), other in zip(asked, theirs, strict=True)
        if (ours := _by_python(text, lots)) != other
    ]


def test_made_up_and_torn_texts_name_the_same_lots(tmp_path: Path, deep: bool) -> None:
    chance = random.Random(7)
    cases = [case["text"] for case in json.loads(_VECTORS.read_text(encoding="utf-8"))["cases"]]
    many = 50_000 if deep else 800
    texts = [
        *cases,
        *(_made_up(chance) for _ in range(many)),
        *(_torn(chance, chance.choice(cases)) for _ in range(many)),
    ]
    written = [part for text in texts[:many] for part in lot_texts(parse_lots(text))]
    assert _differing([*texts, *written], tmp_path) == []


def test_a_text_as_a_mirror_writes_it_is_read_alike_where_its_form_is_broken(
    tmp_path: Path,
) -> None:
    head = "Lots, form 1, part {} of {}:"
    texts = [
        f"{head.format(part, parts)}\n{line}"
        for part, parts in ((1, 1), (1, 2), (2, 1), (0, 1), (10000, 10000), ("١", "١"), (1, "1\n"))
        for line in (
            *("lot A1", "lot A1 to A9", "lot A1 to ", "lot  to A9", "lot ", "lot", "all", "all A1"),
            *("unread words", "unread", "expiry 2021-05", "Lot A1", "lot A1\rserial 7", "", "\n"),
            "lot a to b to c",
        )
    ]
    assert _differing(texts, tmp_path) == []


def test_recalls_as_published_name_the_same_lots(tmp_path: Path) -> None:
    file = register("fda_recalls_enforcement") / "medical-device-recalls.csv"
    with file.open(encoding="utf-8-sig", newline="") as lines:
        texts = [cell for row in csv.DictReader(lines) for cell in row.values() if cell]
    assert len(texts) > 500
    assert _differing(texts, tmp_path) == []
