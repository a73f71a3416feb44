"""How Chinese names are spelt and typed in Latin letters: their readings, and what a query spells.

Rules this module keeps:

* Many characters have several readings, and only who bears a name knows which is right. So a name
  has all its likely readings, at most :data:`MAX_READINGS`, the dictionary's first; what is past
  that bound is not found by that spelling.
* Tones do not count, and ü is u however it is typed (ü, v, yu): 绿 is found by lü, lv, lyu and lu.
* A query is cut into syllables in every way that it can be read (xian is xian and xi an), its last
  syllable may be unfinished; what cannot be cut so may still be initials (ql).
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations, islice, product
from typing import Final

#: So many readings of one name are kept.
MAX_READINGS: Final = 8
#: So many ways to cut a query into syllables are looked for.
MAX_CUTS: Final = 4
#: Longest name of which readings are made, in characters.
MAX_NAME: Final = 100

_PARTS: Final = re.compile(
    "(?P<chinese>[\u3400-\u9fff\U00020000-\U000323af]+)|(?P<other>[a-z0-9]+)"
)
_TONE: Final = re.compile(r"(?<=[a-z])[1-5](?![0-9])")
_BREAK: Final = re.compile(r"[\s'’`·.\-]+")
_SYLLABLES: Final = frozenset(
    """a ai an ang ao ba bai ban bang bao bei ben beng bi bian biao bie bin bing bo bu ca cai can
    cang cao ce cen ceng cha chai chan chang chao che chen cheng chi chong chou chu chua chuai
    chuan chuang chui chun chuo ci cong cou cu cuan cui cun cuo da dai dan dang dao de dei den deng
    di dia dian diao die ding diu dong dou du duan dui dun duo e ei en eng er fa fan fang fei fen
    feng fiao fo fou fu ga gai gan gang gao ge gei gen geng gong gou gu gua guai guan guang gui gun
    guo ha hai han hang hao he hei hen heng hong hou hu hua huai huan huang hui hun huo ji jia jian
    jiang jiao jie jin jing jiong jiu ju juan jue jun ka kai kan kang kao ke kei ken keng kong kou
    ku kua kuai kuan kuang kui kun kuo la lai lan lang lao le lei len leng li lia lian liang liao
    lie lin ling liu lo long lou lu luan lue lun luo ma mai man mang mao me mei men meng mi mian
    miao mie min ming miu mo mou mu na nai nan nang nao ne nei nen neng ni nian niang niao nie nin
    ning niu nong nou nu nuan nue nun nuo o ou pa pai pan pang pao pei pen peng pi pian piao pie
    pin ping po pou pu qi qia qian qiang qiao qie qin qing qiong qiu qu quan que qun ran rang rao
    re ren reng ri rong rou ru rua ruan rui run ruo sa sai san sang sao se sen seng sha shai shan
    shang shao she shei shen sheng shi shou shu shua shuai shuan shuang shui shun shuo si song sou
    su suan sui sun suo ta tai tan tang tao te tei teng ti tian tiao tie ting tong tou tu tuan tui
    tun tuo wa wai wan wang wei wen weng wo wu xi xia xian xiang xiao xie xin xing xiong xiu xu xuan
    xue xun ya yan yang yao ye yi yin ying yo yong you yu yuan yue yun za zai zan zang zao ze zei
    zen zeng zha zhai zhan zhang zhao zhe zhei zhen zheng zhi zhong zhou zhu zhua zhuai zhuan
    zhuang zhui zhun zhuo zi zong zou zu zuan zui zun zuo""".split()  # noqa: SIM905
)
#: Every way to type a syllable → the syllable as it is compared.
_TYPED: Final = {s: s for s in _SYLLABLES} | {
    typed: s
    for s in ("lu", "nu", "lue", "nue", "luan", "nuan")
    for typed in (s.replace("u", "v", 1), s.replace("u", "yu", 1))
}
_LONGEST: Final = max(map(len, _TYPED))
_BEGINNINGS: Final = frozenset(s[:n] for s in _TYPED for n in range(1, len(s) + 1))


def spoken(text: str) -> list[str]:
    """The dictionary's reading of a text, a syllable for each character; what is not Chinese
    stays as it is, run by run."""
    # Its tables take half a second and 50 MB: only who has Chinese names pays for them.
    from pypinyin import lazy_pinyin

    return lazy_pinyin(text)


def readings(name: str) -> list[tuple[str, ...]]:
    """The likely readings of a name in simplified characters and lower case, the dictionary's
    first; none where nothing of it is Chinese. Runs of letters and digits are one syllable."""
    choices: list[tuple[str, ...]] = []
    chinese = False
    for part in _PARTS.finditer(name[:MAX_NAME]):
        if part["other"]:
            choices.append((part["other"],))
        else:
            chinese = True
            choices.extend(_choices(part["chinese"]))
    return list(islice(_spelt(choices), MAX_READINGS)) if chinese else []


def _spelt(choices: Sequence[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Every way to choose, those with the fewest rarer choices first."""
    first = tuple(c[0] for c in choices)
    several = [i for i, c in enumerate(choices) if len(c) > 1]
    for rare in range(len(several) + 1):
        for places in combinations(several, rare):
            for chosen in product(*(choices[i][1:] for i in places)):
                reading = list(first)
                for place, syllable in zip(places, chosen, strict=True):
                    reading[place] = syllable
                yield tuple(reading)


def _choices(text: str) -> Iterator[tuple[str, ...]]:
    """The readings of each character, the likeliest first: those of the word that it is part of
    where the dictionary has that, all of its own otherwise."""
    from pypinyin import Style, pinyin

    for every in pinyin(text, style=Style.NORMAL, heteronym=True):
        yield tuple(dict.fromkeys(_plain(r) for r in every if r))


def _plain(syllable: str) -> str:
    folded = unicodedata.normalize("NFKD", syllable.casefold()).replace("v", "u")
    return "".join(c for c in folded if not unicodedata.combining(c))


@lru_cache(maxsize=1024)
def cuts(query: str) -> tuple[tuple[str, ...], ...]:
    """The ways to read a query as syllables, at most :data:`MAX_CUTS`, the longest syllables
    first; the last one of each may be the beginning of one. None where it cannot be pinyin."""
    words = _words(query)
    if not words:
        return ()
    ways: list[tuple[str, ...]] = [()]
    for i, word in enumerate(words):
        found = list(islice(_cut(word, i == len(words) - 1), MAX_CUTS))
        ways = [way + cut for way in ways for cut in found][:MAX_CUTS]
    return tuple(ways)


def initials(query: str) -> str:
    """The letters of a query that may be initials, "" where it has others or is too short."""
    joined = "".join(_words(query))
    return joined if 2 <= len(joined) <= MAX_NAME else ""


def _words(query: str) -> list[str]:
    # Marks above letters are tones, or the dots of ü, which is compared as u.
    folded = unicodedata.normalize("NFKD", query.casefold())
    folded = "".join(c for c in folded if not unicodedata.combining(c))
    words = [w for w in _BREAK.split(_TONE.sub(" ", folded)) if w]
    return words if all(re.fullmatch("[a-z]+", w) for w in words) else []


def _cut(word: str, unfinished: bool) -> Iterator[tuple[str, ...]]:
    """The ways to cut a word, those that begin with longer syllables first."""
    # From the end: which beginnings leave a rest that can be cut. Without this a long word that
    # cannot be would be tried in more ways than there is time.
    fits = [False] * len(word) + [True]
    for start in range(len(word) - 1, -1, -1):
        fits[start] = any(fits[end] for end, _ in _syllables(word, start, unfinished))

    def walk(start: int) -> Iterator[tuple[str, ...]]:
        if start == len(word):
            yield ()
        for end, syllable in _syllables(word, start, unfinished):
            if fits[end]:
                for rest in walk(end):
                    yield (syllable, *rest)

    return walk(0) if fits[0] else iter(())


def _syllables(word: str, start: int, unfinished: bool) -> Iterator[tuple[int, str]]:
    """The syllables that the word may have from here on, each with its end, the longest first."""
    for end in range(min(len(word), start + _LONGEST), start, -1):
        typed = word[start:end]
        if typed in _TYPED:
            yield end, _TYPED[typed]
        elif unfinished and end == len(word) and typed in _BEGINNINGS:
            yield end, typed.replace("v", "u")
