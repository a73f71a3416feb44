"""Write or compare ``ledger/divisions.tsv``: the names of provinces, cities and counties by code.

The packages are fetched with the project's npm into a folder of their own, each of one version,
and checked against the hash that stands here. ``china-division`` has the statistics bureau's list
of 2023; ``gb2260`` the older editions of GB/T 2260, for codes that are no longer given.

English names: provinces and what is named in Tibetan, Uyghur or Mongol down to the prefectures are
spelt as the atlases of the state do; the rest is pinyin, read by ``pypinyin`` where no reading is
stated here, and may be wrong for rare place names.
"""

import argparse
import base64
import csv
import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pypinyin import Style, lazy_pinyin, load_phrases_dict

ROOT: Final = Path(__file__).resolve().parent.parent
FILE: Final = ROOT / "ledger/divisions.tsv"
PACKAGES: Final = {
    "china-division@2.7.0": "4uUPAT+1WfqDh5jytq7omdCmHNk3j+k76zEG/2IqaGcYB90c2SwcixttcypdsZ3T"
    "/9tN1TTpBDoeZn+Yw/qBEA==",
    "gb2260@0.6.0": "KfKSID6/PV1kovF6rn3Y6Ckt+JTL8skXmUJQaD24ur4+QgTfdWCGrNOATpgQpMoWtPU6VxYd"
    "3n9s+6GGtzoP/Q==",
}
HEAD: Final = (
    "# Names of China's provinces, cities and counties by statistical code (GB/T 2260).\n"
    "# Made by scripts/divisions; do not edit.\n"
    "# Source: npm china-division 2.7.0 (MIT, WTFPL): the National Bureau of Statistics' list as\n"
    "# of 30 June 2023, published 11 September 2023. Lines marked - are of codes no longer given,\n"
    "# with their last name in the editions 2002 to 2016: npm gb2260 0.6.0 (MIT).\n"
    "# English: see scripts/_divisions.py. Code, Chinese name, English name.\n"
)

#: No divisions: headings under which others stand.
_HEADINGS: Final = re.compile("^(市辖区|市|县|.*直辖(县级)?行政(区划|单位))$")
#: Not in the bureau's list, which counts the mainland.
_BEYOND: Final = {"71": "台湾省", "81": "香港特别行政区", "82": "澳门特别行政区"}

#: Spelt otherwise than in pinyin.
_ENGLISH: Final = {
    "内蒙古自治区": "Inner Mongolia", "广西壮族自治区": "Guangxi", "西藏自治区": "Tibet",
    "宁夏回族自治区": "Ningxia", "新疆维吾尔自治区": "Xinjiang", "陕西省": "Shaanxi",
    "香港特别行政区": "Hong Kong", "澳门特别行政区": "Macao", "台湾省": "Taiwan",
    "哈尔滨市": "Harbin", "齐齐哈尔市": "Qiqihar", "大兴安岭地区": "Da Hinggan Ling",
    "呼和浩特市": "Hohhot", "包头市": "Baotou", "鄂尔多斯市": "Ordos",
    "呼伦贝尔市": "Hulun Buir", "巴彦淖尔市": "Bayannur", "乌兰察布市": "Ulanqab",
    "乌兰察布盟": "Ulanqab", "巴彦淖尔盟": "Bayannur", "兴安盟": "Hinggan",
    "锡林郭勒盟": "Xilin Gol", "阿拉善盟": "Alxa",
    "阿坝藏族羌族自治州": "Ngawa", "甘孜藏族自治州": "Garzê", "迪庆藏族自治州": "Dêqên",
    "德宏傣族景颇族自治州": "Dehong", "西双版纳傣族自治州": "Xishuangbanna",
    "拉萨市": "Lhasa", "日喀则市": "Xigazê", "日喀则地区": "Xigazê", "昌都市": "Qamdo",
    "昌都地区": "Qamdo", "林芝市": "Nyingchi", "林芝地区": "Nyingchi", "山南市": "Shannan",
    "那曲市": "Nagqu", "那曲地区": "Nagqu", "阿里地区": "Ngari",
    "果洛藏族自治州": "Golog", "玉树藏族自治州": "Yushu", "海西蒙古族藏族自治州": "Haixi",
    "乌鲁木齐市": "Ürümqi", "克拉玛依市": "Karamay", "吐鲁番市": "Turpan", "吐鲁番地区": "Turpan",
    "哈密市": "Hami", "哈密地区": "Hami", "博尔塔拉蒙古自治州": "Bortala",
    "巴音郭楞蒙古自治州": "Bayingolin", "阿克苏地区": "Aksu",
    "克孜勒苏柯尔克孜自治州": "Kizilsu", "喀什地区": "Kashgar", "和田地区": "Hotan",
    "伊犁哈萨克自治州": "Ili", "阿勒泰地区": "Altay", "昌吉回族自治州": "Changji",
    "满洲里市": "Manzhouli", "二连浩特市": "Erenhot", "锡林浩特市": "Xilinhot",
    "乌兰浩特市": "Ulanhot", "格尔木市": "Golmud", "库尔勒市": "Korla", "阿图什市": "Artux",
    "额济纳旗": "Ejin Banner", "石河子市": "Shihezi",
}  # fmt: skip

#: Readings of place names that are easily got wrong, over those of the dictionary.
_READ: Final = {
    "漯河": "luo he", "闵行": "min hang", "崆峒": "kong tong",
    "六安": "lu an", "六合": "lu he", "蚌埠": "beng bu", "涡阳": "guo yang", "亳州": "bo zhou",
    "歙": "she", "黟": "yi", "枞阳": "zong yang", "东阿": "dong e", "单": "shan", "莘": "shen",
    "郯城": "tan cheng", "莒": "ju", "乐陵": "lao ling", "牟平": "mu ping", "台州": "tai zhou",
    "天台": "tian tai", "丽水": "li shui", "乐清": "yue qing", "鄞州": "yin zhou",
    "嵊州": "sheng zhou", "番禺": "pan yu", "大埔": "da bu", "东莞": "dong guan",
    "厦门": "xia men", "长汀": "chang ting", "长乐": "chang le", "乐亭": "lao ting",
    "蔚": "yu", "井陉": "jing xing", "任丘": "ren qiu", "洪洞": "hong tong", "长子": "zhang zi",
    "万柏林": "wan bai lin", "繁峙": "fan shi", "浚": "xun", "柘城": "zhe cheng",
    "中牟": "zhong mu", "泌阳": "bi yang", "渑池": "mian chi", "监利": "jian li",
    "黄陂": "huang pi", "硚口": "qiao kou", "秭归": "zi gui", "郧西": "yun xi",
    "耒阳": "lei yang", "郴州": "chen zhou", "枝江": "zhi jiang", "石首": "shi shou",
    "犍为": "qian wei", "珙": "gong", "筠连": "jun lian", "乐山": "le shan",
    "什邡": "shi fang", "阆中": "lang zhong", "郫都": "pi du", "荥经": "ying jing",
    "荥阳": "xing yang", "綦江": "qi jiang", "北碚": "bei bei", "涪陵": "fu ling",
    "重庆": "chong qing", "六盘水": "liu pan shui", "六枝": "liu zhi", "丹寨": "dan zhai",
    "勐海": "meng hai", "勐腊": "meng la", "会泽": "hui ze", "隆阳": "long yang",
    "弥渡": "mi du", "洱源": "er yuan", "吴堡": "wu bu", "鄠邑": "hu yi", "栎阳": "yue yang",
    "旬邑": "xun yi", "会宁": "hui ning", "宕昌": "tan chang", "洮": "tao",
    "红古": "hong gu", "大通": "da tong", "尉犁": "yu li", "尉氏": "wei shi",
    "疏勒": "shu le", "巴彦": "ba yan", "桦川": "hua chuan", "穆棱": "mu ling",
    "珲春": "hun chun", "大安": "da an", "扎赉特": "zha lai te", "磴口": "deng kou",
    "阜新": "fu xin", "桓仁": "huan ren", "岫岩": "xiu yan", "建瓯": "jian ou",
    "婺源": "wu yuan", "婺城": "wu cheng", "铅山": "yan shan", "弋阳": "yi yang",
    "余干": "yu gan", "瑞昌": "rui chang", "盱眙": "xu yi", "邳州": "pi zhou",
    "睢宁": "sui ning", "沭阳": "shu yang", "溧阳": "li yang", "浒墅": "xu shu",
    "秀屿": "xiu yu", "曾都": "zeng du", "覃塘": "qin tang", "雨花台": "yu hua tai",
    "长宁": "chang ning", "长沙": "chang sha", "长春": "chang chun", "长治": "chang zhi",
    "都江堰": "du jiang yan", "成都": "cheng du", "行唐": "xing tang", "石柱": "shi zhu",
    "盛京": "sheng jing", "朝阳": "chao yang", "会东": "hui dong", "会理": "hui li",
    "会昌": "hui chang", "会同": "hui tong", "调兵山": "diao bing shan", "解州": "xie zhou",
    "宁蒗": "ning lang", "镇沅": "zhen yuan", "乐都": "le du", "乐至": "le zhi", "乐昌": "le chang",
    "乐平": "le ping", "乐东": "le dong", "乐业": "le ye", "长白": "chang bai",
    "召陵": "shao ling", "解放": "jie fang", "颍上": "ying shang", "砀山": "dang shan",
    "宿迁": "su qian", "宿州": "su zhou", "宿松": "su song", "宿豫": "su yu", "宿城": "su cheng",
    "藁城": "gao cheng", "华阴": "hua yin", "缙云": "jin yun", "洞头": "dong tou",
    "献": "xian", "滦州": "luan zhou", "裕华": "yu hua", "夏": "xia", "盖州": "gai zhou",
    "曲阜": "qu fu", "曲靖": "qu jing", "曲江": "qu jiang", "曲周": "qu zhou", "曲阳": "qu yang",
    "广饶": "guang rao", "内丘": "nei qiu", "任": "ren", "任城": "ren cheng", "任泽": "ren ze",
    "大名": "da ming", "大城": "dai cheng", "大厂": "da chang", "阿城": "a cheng",
    "东台": "dong tai", "台儿庄": "tai er zhuang", "台前": "tai qian", "台山": "tai shan",
    "台江": "tai jiang", "丰台": "feng tai", "邢台": "xing tai", "烟台": "yan tai",
    "行": "xing", "番": "pan", "覃": "qin", "朝天": "chao tian", "朝阳区": "chao yang qu",
    "和硕": "he shuo", "和静": "he jing", "巴里坤": "ba li kun", "泊头": "bo tou",
    "重固": "zhong gu", "沈丘": "shen qiu", "沈北": "shen bei", "佛山": "fo shan",
    "卢氏": "lu shi", "获嘉": "huo jia", "鹿寨": "lu zhai", "隗": "wei", "洋": "yang",
    "子长": "zi chang", "长垣": "chang yuan", "长葛": "chang ge", "长清": "chang qing",
    "长岛": "chang dao", "长丰": "chang feng", "长兴": "chang xing", "长泰": "chang tai",
    "长安": "chang an", "长武": "chang wu", "长寿": "chang shou", "长阳": "chang yang",
    "长岭": "chang ling", "长海": "chang hai", "长顺": "chang shun", "天长": "tian chang",
    "延长": "yan chang", "汤阴": "tang yin", "鄱阳": "po yang", "车城": "che cheng",
}  # fmt: skip

_PEOPLES: Final = (
    "蒙古族?|回族?|藏族|维吾尔族?|苗族|彝族|壮族|布依族|朝鲜族?|满族|侗族|瑶族|白族|土家族|哈尼族|"
    "哈萨克族?|傣族|黎族|傈僳族|佤族|畲族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜族?|土族|达斡尔族|"
    "仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|锡伯族?|阿昌族|普米族|塔吉克族?|怒族|乌孜别克族|俄罗斯族|"
    "鄂温克族|德昂族|保安族|裕固族|京族|塔塔尔族|独龙族|鄂伦春族?|赫哲族|门巴族|珞巴族|基诺族|各族"
)
_AUTONOMOUS: Final = re.compile(f"(?:(?:{_PEOPLES})+区|(?:{_PEOPLES})*自治[县州旗区])$")
#: What stands behind a name in English, too; the first that fits.
_TRANSLATED: Final = {
    **{
        f"{zh}翼{place}旗": f"{en} {where} Banner"
        for zh, en in (("左", "Left"), ("右", "Right"))
        for place, where in (("前", "Front"), ("中", "Middle"), ("后", "Rear"))
    },
    "左旗": "Left Banner", "右旗": "Right Banner", "联合旗": "United Banner",
    "前旗": "Front Banner", "中旗": "Middle Banner", "后旗": "Rear Banner",
    "高新技术产业开发区": "High-tech Zone", "高新技术开发区": "High-tech Zone",
    "经济技术开发区": "Economic Development Zone", "经济开发区": "Economic Development Zone",
    "行政委员会": "Administrative Committee", "管理区管委会": "Administrative Area",
    "管理区": "Administrative Area", "风景名胜区": "Scenic Area", "工业园区": "Industrial Park",
    "产业园区": "Industrial Park", "园区": "Park", "矿区": "Mining Area",
}  # fmt: skip
_KINDS: Final = {
    "特别行政区": "", "地区": "", "林区": "", "特区": "", "新区": "New Area", "省": "",
    "市": "City", "区": "District", "县": "County", "旗": "Banner", "盟": "League",
}  # fmt: skip
#: Read so in every place name where no other reading is stated.
_ALWAYS: Final = {
    "都": "du", "什": "shi", "长": "chang", "会": "hui", "大": "da", "乐": "le", "重": "chong",
    "石": "shi", "行": "xing", "朝": "chao", "曲": "qu", "宁": "ning", "尔": "er",
}  # fmt: skip


def english(name: str) -> str:
    """The name in English letters. What kind of division it is stands behind it only where the
    name proper is a single character, and where it is more than a county or a district."""
    if name in _ENGLISH:
        return _ENGLISH[name]
    for ending, translated in _TRANSLATED.items():
        if name.endswith(ending) and len(name) > len(ending):
            return f"{_read(name.removesuffix(ending))} {translated}"
    autonomous = _AUTONOMOUS.search(name)
    if autonomous and autonomous.start() > 0:
        return _read(name[: autonomous.start()])
    kind = next((k for k in _KINDS if name.endswith(k) and len(name) > len(k)), "")
    if kind == "新区" and len(name) == 3:
        kind = "区"
    proper = name.removesuffix(kind)
    if len(proper) == 1 or kind == "新区":
        return f"{_read(proper)} {_KINDS[kind]}".strip() if kind else _read(proper)
    return _read(proper)


def _read(proper: str) -> str:
    """One word in pinyin, with an apostrophe where a following syllable begins with a vowel."""
    syllables = lazy_pinyin(proper, style=Style.NORMAL, v_to_u=True)
    stated = {c for phrase in _READ if phrase in proper for c in phrase}
    if len(syllables) == len(proper):
        for place, character in enumerate(proper):
            if character in _ALWAYS and character not in stated:
                syllables[place] = _ALWAYS[character]
    word = syllables[0]
    for syllable in syllables[1:]:
        word += ("'" if syllable[0] in "aeoê" else "") + syllable
    return word[:1].upper() + word[1:]


def table(bureau: dict[str, bytes], older: dict[str, bytes]) -> str:
    """The file, from the files of the two packages by their paths."""
    load_phrases_dict({name: [[s] for s in read.split()] for name, read in _READ.items()})
    current = dict(_BEYOND)
    for level in ("provinces", "cities", "areas"):
        text = bureau[f"package/dist/{level}.csv"].decode()
        for row in csv.DictReader(io.StringIO(text)):
            current[row["code"]] = row["name"]
    current = {c: n for c, n in current.items() if not _HEADINGS.match(n)}
    former: dict[str, str] = {}
    editions = sorted(p for p in older if re.fullmatch(r"package/lib/\d{6}\.json", p))
    for edition in editions:
        for six, name in json.loads(older[edition]).items():
            code = re.sub("(00){1,2}$", "", six)
            if code not in current and not _HEADINGS.match(name):
                former[code] = name
    # A province or city that is divided otherwise today keeps its code: only the name is older.
    lines = [f"{c}\t{n}\t{english(n)}\n" for c, n in current.items()]
    lines += [f"{c}\t{n}\t{english(n)}\t-\n" for c, n in former.items()]
    return HEAD + "".join(sorted(lines))


def _fetched() -> Iterator[dict[str, bytes]]:
    npm = ROOT / ".venv/bin/npm"
    for package, expected in PACKAGES.items():
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                [npm, "pack", "--silent", package], cwd=folder, check=True, capture_output=True
            )
            [archive] = Path(folder).glob("*.tgz")
            found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
            if found != expected:
                raise SystemExit(f"{package} is not what it was: sha512-{found}")
            with tarfile.open(archive) as files:
                yield {
                    m.name: (files.extractfile(m) or io.BytesIO()).read()
                    for m in files
                    if m.isfile() and m.size < 1_000_000
                }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts/divisions", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; fail on a difference")
    check: bool = parser.parse_args(arguments).check
    bureau, older = _fetched()
    made = table(bureau, older)
    if FILE.exists() and FILE.read_text(encoding="utf-8") == made:
        return 0
    if check:
        print(f"{FILE.name} is not fresh")
        return 1
    FILE.write_text(made, encoding="utf-8")
    print(f"{FILE.name} was written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
