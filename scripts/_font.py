"""Cut the font of printed verdicts down to the characters that names here are written with.

Run by ``scripts/font`` with fontTools beside it, which nothing else needs. Kept are GB 2312 and the
first level of Big5 (simplified and traditional as they are used every day), Latin with its marks,
Greek, Cyrillic, the signs of our own sentences, and rarer characters of given names and places. All
of the font would be 10 MB; this is a third.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

#: Characters of given names and places that neither of the two sets has.
RARE = (Path(__file__).parent / "_font_names.txt").read_text(encoding="utf-8").split()
#: Ranges beside Chinese: Latin with its marks, Greek, Cyrillic, punctuation, arrows, signs.
RANGES = (
    (0x20, 0x24F), (0x2B0, 0x2FF), (0x370, 0x3FF), (0x400, 0x45F), (0x1E00, 0x1EFF),
    (0x2010, 0x2027), (0x2030, 0x205E), (0x2070, 0x209C), (0x20A0, 0x20BF), (0x2100, 0x214F),
    (0x2150, 0x218B), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2460, 0x24FF), (0x25A0, 0x25FF),
    (0x2600, 0x266F), (0x2700, 0x27BF), (0x3000, 0x30FF), (0x3100, 0x312F), (0x3200, 0x33FF),
    (0xFF00, 0xFFEF), (0xFFFD, 0xFFFD),
)  # fmt: skip


def everyday() -> Iterator[str]:
    """GB 2312, and Big5 up to the end of its first level."""
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            yield bytes([high, low]).decode("gb2312", "ignore")
    for high in range(0xA4, 0xC7):
        for low in (*range(0x40, 0x7F), *range(0xA1, 0xFF)):
            if (high, low) <= (0xC6, 0x7E):
                yield bytes([high, low]).decode("big5", "ignore")


def wanted() -> set[int]:
    ranged = {code for first, last in RANGES for code in range(first, last + 1)}
    return ranged | {ord(c) for text in (*everyday(), *RARE) for c in text}


def main(package: Path, target: Path) -> None:
    font = TTFont(package / "400Regular" / "NotoSansSC_400Regular.ttf", recalcTimestamp=False)
    options = subset.Options()
    options.layout_features = ["kern", "mark", "mkmk", "ccmp", "locl"]
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = ["*"]
    options.drop_tables += ["BASE", "VORG", "vhea", "vmtx"]
    cut = subset.Subsetter(options)
    cut.populate(unicodes=wanted())
    cut.subset(font)
    file = target / "NotoSansSC.ttf"
    font.save(file)
    has = "".join(map(chr, sorted(font.getBestCmap())))
    (target / "characters.txt").write_text(has, encoding="utf-8", newline="")
    licence = (package / "LICENSE_FONT").read_text(encoding="utf-8")
    (target / "OFL.txt").write_text(licence, encoding="utf-8")
    print(f"{file}: {len(has)} characters, {file.stat().st_size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
