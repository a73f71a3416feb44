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

from ledger.pinyin import spoken

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
_TRADE_FIRST: Final = sorted(_TRADE_ZH, key=len, reverse=True)
_TRADE_WORDS: Final = _TRADE | {w for words in _TRADE_ZH.values() for w in words}
#: Provinces and cities with their names in English, one word each.
_PLACES_ZH: Final = """
    北京 beijing  天津 tianjin  河北 hebei  山西 shanxi  内蒙古 innermongolia  辽宁 liaoning
    吉林 jilin  黑龙江 heilongjiang  上海 shanghai  江苏 jiangsu  浙江 zhejiang  安徽 anhui
    福建 fujian  江西 jiangxi  山东 shandong  河南 henan  湖北 hubei  湖南 hunan
    广东 guangdong  广西 guangxi  海南 hainan  重庆 chongqing  四川 sichuan  贵州 guizhou
    云南 yunnan  西藏 tibet  陕西 shaanxi  甘肃 gansu  青海 qinghai  宁夏 ningxia
    新疆 xinjiang  香港 hongkong  澳门 macao  台湾 taiwan  石家庄 shijiazhuang
    唐山 tangshan  保定 baoding  邯郸 handan  太原 taiyuan  大同 datong  呼和浩特 hohhot
    包头 baotou  沈阳 shenyang  大连 dalian  鞍山 anshan  长春 changchun  哈尔滨 harbin
    齐齐哈尔 qiqihar  南京 nanjing  苏州 suzhou  无锡 wuxi  常州 changzhou  南通 nantong
    扬州 yangzhou  泰州 taizhou  徐州 xuzhou  盐城 yancheng  镇江 zhenjiang  宿迁 suqian
    杭州 hangzhou  宁波 ningbo  温州 wenzhou  嘉兴 jiaxing  湖州 huzhou  绍兴 shaoxing
    金华 jinhua  台州 taizhou  义乌 yiwu  合肥 hefei  芜湖 wuhu  安庆 anqing  六安 luan
    宣城 xuancheng  桐城 tongcheng  滁州 chuzhou  福州 fuzhou  厦门 xiamen  泉州 quanzhou
    漳州 zhangzhou  莆田 putian  南昌 nanchang  九江 jiujiang  济南 jinan  青岛 qingdao
    烟台 yantai  潍坊 weifang  日照 rizhao  临沂 linyi  淄博 zibo  滨州 binzhou
    青州 qingzhou  郑州 zhengzhou  洛阳 luoyang  新乡 xinxiang  安阳 anyang  武汉 wuhan
    襄阳 xiangyang  荆州 jingzhou  宜昌 yichang  仙桃 xiantao  随州 suizhou  长沙 changsha
    株洲 zhuzhou  湘潭 xiangtan  益阳 yiyang  广州 guangzhou  深圳 shenzhen  东莞 dongguan
    佛山 foshan  惠州 huizhou  中山 zhongshan  珠海 zhuhai  江门 jiangmen  汕头 shantou
    河源 heyuan  清远 qingyuan  韶关 shaoguan  南宁 nanning  桂林 guilin  海口 haikou
    成都 chengdu  绵阳 mianyang  自贡 zigong  贵阳 guiyang  昆明 kunming  西安 xian
    宝鸡 baoji  兰州 lanzhou  西宁 xining  银川 yinchuan  乌鲁木齐 urumqi
    攀枝花 panzhihua  江阴 jiangyin  常熟 changshu  昆山 kunshan  张家港 zhangjiagang
""".split()  # noqa: SIM905
_PLACE_NAMES: Final = dict(zip(_PLACES_ZH[::2], _PLACES_ZH[1::2], strict=True))
_PLACES_FIRST: Final = sorted(_PLACE_NAMES, key=len, reverse=True)
_PLACES: Final = frozenset(_PLACE_NAMES.values())

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


def _pinyin(text: str) -> str:
    return "".join(spoken(text)).casefold()


def _chinese(text: str) -> Name:
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"[\s()（）·・]", "", text)
    text = _LEGAL_ZH.sub("", text)
    own, trade, places, regions = [], set(), set(), set()
    found = True
    while found:
        found = False
        for place in _PLACES_FIRST:
            if text.startswith(place) and len(text) > len(place):
                places.add(_PLACE_NAMES[place])
                text = re.sub("^(?:省|市)", "", text[len(place) :])
                found = True
                break
    if text.startswith("中国"):
        regions.add("china")
        text = text[2:]
    rest, position = "", 0
    while position < len(text):
        word = next((w for w in _TRADE_FIRST if text.startswith(w, position)), None)
        if word:
            trade |= set(_TRADE_ZH[word])
            position += len(word)
        else:
            rest += text[position]
            position += 1
    if rest:
        own.append(_pinyin(rest))
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
