"""Firm names taken apart: what is legal form, place, trade word, and what is the firm's own.

Works for English and Chinese names and brings both to the same words: trade words to one English
word (医疗 and "Medical"), places and own words to pinyin (日照三奇 and "Rizhao Sanqi"), so that a
name in one language can be held against one in the other. It is a sieve for proposals, no
dictionary: an unknown word counts as the firm's own.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pypinyin import lazy_pinyin

#: Legal forms in many languages, and the little words between names.
_LEGAL: Final = frozenset(
    """ag bhd bv cc cia co comp company corp corporation cv de gmbh inc incorporated kg kgaa l
    limitada limited llc lp lte ltd ltda nv oy plc private pte pty public pvt sa sas sac sdn sl
    srl the and of y e""".split()  # noqa: SIM905
)
#: Regions that tell companies of one group apart; they weigh like the firm's own words.
_REGIONS: Final = frozenset(
    """africa america american argentina asia australia brasil brazil canada chile china colombia
    ecuador europe europeo france germany guatemala india ireland japan korea malaysia mexico
    pacific panama peru philippines singapore taiwan thailand uk us usa vietnam""".split()  # noqa: SIM905
)
#: Abbreviation or variant → the word that is compared.
_SAME_WORD: Final = {
    "apparel": "garment", "articles": "product", "appliance": "equipment", "bio": "biological",
    "biology": "biological", "commodities": "product", "commodity": "product",
    "devices": "device", "equipments": "equipment",
    "garments": "garment", "goods": "product", "hlth": "health", "healthcare": "health",
    "industrial": "industry", "industries": "industry", "instruments": "instrument",
    "intl": "international", "int": "international", "manufacture": "manufacturing",
    "manufacturer": "manufacturing", "manufacturers": "manufacturing", "materials": "material",
    "mfg": "manufacturing", "pharma": "pharmaceutical", "prod": "product",
    "products": "product", "protection": "protective", "sci": "science", "sciences": "science",
    "supplies": "product", "supply": "product", "tech": "technology", "techn": "technology",
    "technologies": "technology", "textiles": "textile", "trade": "trading",
}  # fmt: skip
_TRADE: Final = frozenset(
    """biological chemical clothing commercial daily development device disposable electronic
    enterprise environmental equipment export filter gene global group health import industry
    instrument international laboratory manufacturing material medical new nonwoven non woven
    pharmaceutical product protective safety science service technology textile trading work
    garment""".split()  # noqa: SIM905
)
_TRADE_ZH: Final = {
    "生物医药": ("biological", "pharmaceutical"), "生物技术": ("biological", "technology"),
    "生物科技": ("biological", "technology"), "医疗器械": ("medical", "device"),
    "医疗科技": ("medical", "technology"), "科技开发": ("technology", "development"),
    "生物": ("biological",), "医疗": ("medical",), "医学": ("medical",),
    "医药": ("pharmaceutical",), "制药": ("pharmaceutical",), "药业": ("pharmaceutical",),
    "卫生": ("health",), "健康": ("health",), "用品": ("product",), "制品": ("product",),
    "产品": ("product",), "科技": ("technology",), "技术": ("technology",),
    "科学": ("science",), "工程": ("engineering",), "器械": ("device",),
    "设备": ("equipment",), "装备": ("equipment",), "防护": ("protective",),
    "劳保": ("safety",), "安全": ("safety",), "实业": ("industry",), "工业": ("industry",),
    "产业": ("industry",), "制造": ("manufacturing",), "电子": ("electronic",),
    "材料": ("material",), "新材料": ("new", "material"), "无纺布": ("nonwoven",),
    "服饰": ("garment",), "纺织": ("textile",), "服装": ("garment",), "贸易": ("trading",),
    "进出口": ("import", "export"), "国际": ("international",), "集团": ("group",),
    "控股": ("holding",), "开发": ("development",), "发展": ("development",),
    "销售": ("sales",), "管理": ("management",), "基因": ("gene",), "环保": ("environmental",),
    "化工": ("chemical",), "商贸": ("trading",), "电商": ("trading",),
}  # fmt: skip
_TRADE_WORDS: Final = _TRADE | {w for words in _TRADE_ZH.values() for w in words}
_PLACES_ZH: Final = """
    北京 天津 河北 山西 内蒙古 辽宁 吉林 黑龙江 上海 江苏 浙江 安徽 福建 江西 山东 河南
    湖北 湖南 广东 广西 海南 重庆 四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆 香港 澳门
    台湾 石家庄 唐山 保定 邯郸 太原 大同 呼和浩特 包头 沈阳 大连 鞍山 长春 哈尔滨
    齐齐哈尔 南京 苏州 无锡 常州 南通 扬州 泰州 徐州 盐城 镇江 宿迁 杭州 宁波 温州 嘉兴
    湖州 绍兴 金华 台州 义乌 合肥 芜湖 安庆 六安 宣城 桐城 滁州 福州 厦门 泉州 漳州 莆田
    南昌 九江 济南 青岛 烟台 潍坊 日照 临沂 淄博 滨州 青州 郑州 洛阳 新乡 安阳 武汉 襄阳
    荆州 宜昌 仙桃 随州 长沙 株洲 湘潭 益阳 广州 深圳 东莞 佛山 惠州 中山 珠海 江门 汕头
    河源 清远 韶关 南宁 桂林 海口 成都 绵阳 自贡 贵阳 昆明 西安 宝鸡 兰州 西宁 银川
    乌鲁木齐 攀枝花 江阴 常熟 昆山 张家港
""".split()  # noqa: SIM905
_PLACE_PINYIN: Final = {place: "".join(lazy_pinyin(place)) for place in _PLACES_ZH} | {
    "陕西": "shaanxi", "内蒙古": "innermongolia", "西藏": "tibet", "香港": "hongkong",
    "哈尔滨": "harbin",
}  # fmt: skip
_PLACES: Final = frozenset(_PLACE_PINYIN.values())

_CJK: Final = re.compile("[\u3400-\u9fff]")
_LEGAL_ZH: Final = re.compile("(?:股份)?(?:有限责任公?司?|有限公?司?|公司|总厂|厂)$")
_ALIAS: Final = re.compile(
    r"[(,\s]+(?:a\.?k\.?a\.?|d\.?b\.?a\.?|d/b/a|t/a|formerly)\s+", re.IGNORECASE
)
_BRACKETED: Final = re.compile(r"\s*\(([^()]+)\)")


@dataclass(frozen=True, slots=True)
class Name:
    """One reading of a firm's name, as words to compare.

    ``own`` are the words that only this firm would bear, ``compact`` all words but the legal form
    without spaces (one word or two is no difference). ``chinese`` says what it was written in.
    """

    own: tuple[str, ...]
    trade: frozenset[str]
    places: frozenset[str]
    regions: frozenset[str]
    compact: str
    chinese: bool

    @property
    def joined(self) -> str:
        return "".join(self.own)


def _english_words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKD", text).casefold()
    folded = "".join(c for c in folded if not unicodedata.combining(c))
    folded = folded.replace("&", " and ").replace("'", "").replace("’", "")
    # "S.A." and "d.b.a" are one word each; any other mark separates.
    folded = re.sub(r"\b(?:[a-z]\.){2,}", lambda m: m[0].replace(".", "") + " ", folded)
    words = re.findall(r"[a-z0-9]+", folded)
    merged: list[str] = []
    for word in words:
        if merged and merged[-1] + word in _PLACES:
            merged[-1] += word
        else:
            merged.append(word)
    return merged


def _english(text: str) -> Name:
    words = [w for w in _english_words(text) if w not in _LEGAL]
    own, trade, places, regions = [], set(), set(), set()
    for raw in words:
        word = _SAME_WORD.get(raw, raw)
        if word in _PLACES:
            places.add(word)
        elif word in _REGIONS:
            regions.add(word)
        elif word in _TRADE_WORDS:
            trade.add(word)
        elif word.startswith("bio") and word[3:] in _SAME_WORD.keys() | _TRADE_WORDS:
            trade |= {"biological", _SAME_WORD.get(word[3:], word[3:])}
        else:
            own.append(word)
    return Name(
        tuple(own), frozenset(trade), frozenset(places), frozenset(regions), "".join(words), False
    )


def _chinese(text: str) -> Name:
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"[\s()（）·・]", "", text)
    text = _LEGAL_ZH.sub("", text)
    own, trade, places, regions = [], set(), set(), set()
    found = True
    while found:
        found = False
        for place in sorted(_PLACE_PINYIN, key=len, reverse=True):
            if text.startswith(place) and len(text) > len(place):
                places.add(_PLACE_PINYIN[place])
                text = re.sub("^(?:省|市)", "", text[len(place) :])
                found = True
                break
    if text.startswith("中国"):
        regions.add("china")
        text = text[2:]
    rest, position = "", 0
    words = sorted(_TRADE_ZH, key=len, reverse=True)
    while position < len(text):
        word = next((w for w in words if text.startswith(w, position)), None)
        if word:
            trade |= set(_TRADE_ZH[word])
            position += len(word)
        else:
            rest += text[position]
            position += 1
    if rest:
        own.append("".join(lazy_pinyin(rest)).casefold())
    return Name(tuple(own), frozenset(trade), frozenset(places), frozenset(regions), text, True)


@lru_cache(maxsize=50_000)
def readings(text: str) -> tuple[Name, ...]:
    """Every reading of a name: the whole, each of its aliases, with and without brackets.

    "A Ltd. aka B Co." is read as A and as B; "Zisun (Zaisheng) Technology" also as "Zaisheng
    Technology"; a bracketed place or region is part of the name and stays.
    """
    if _CJK.search(text):
        return (_chinese(text),)
    found = []
    for part in _ALIAS.split(text):
        part = part.strip(" (),.;")
        found.append(_english(part))
        bracket = _BRACKETED.search(part)
        if bracket:
            inner = _english(bracket[1])
            if inner.own and not inner.places and not inner.regions:
                before, after = part[: bracket.start()], part[bracket.end() :]
                found.append(_english(f"{before} {after}"))
                shorter = re.sub(r"\S+$", "", before)
                found.append(_english(f"{shorter} {bracket[1]} {after}"))
    return tuple(dict.fromkeys(name for name in found if name.compact))
