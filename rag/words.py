"""Words of a text, for keyword search in English and Chinese without a server's tokenizer.

`terms` feed BM25: English words stemmed (Porter2) without stop words; for Chinese every character
and every pair of neighbours, which finds both words and wordings no dictionary has. `words` feed
phrases and coverage: the same English stems, and dictionary words for Chinese.
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

# Ideographs with extensions, kana and hangul: scripts written without spaces, or as good as.
CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
_RUN = re.compile(rf"[{CJK}]+|[^\W_{CJK}]+")
_ASCII_RUN = re.compile("[A-Za-z0-9]+")  # what _RUN finds in ASCII, in a third of the time
_CJK_RUN = re.compile(rf"[{CJK}]")
_OTHER_RUN = re.compile(rf"[^\W_{CJK}]+")
OTHER = "\t"  # the place of a run of another script in a line of `apart`
_BETWEEN = re.compile(rf"[^{CJK}{OTHER}]+")
_ASCII_WORDS = {i: chr(i).lower() if chr(i).isalnum() else " " for i in range(128)}
_QUESTION_WORDS = re.compile(
    "请问|为什么|为何|什么|怎么样|怎么办|怎么|怎样|如何|哪些|哪个|哪里|哪儿|多少|是否|能否|可否|可以|能不能|"
    "会不会|有没有|是不是|行不行|要不要|我们|你们|吗|呢|吧|啊"
)
_NUMERAL_ASKED = re.compile("几(?=[个天次年月种台条人家小周位名项层])")
_SPACED_LETTERS = re.compile(r"^(?:s|t|re|ve|ll|d|m)$")

STOP_WORDS = frozenset(
    """a about after again against all also am an and any are as at be because been before being
    below between both but by can could did do does doing down during each few for from further
    get had has have having he her here hers him his how i if in into is it its itself just many
    me more most much my no nor not now of off on once only or other our ours out over own same
    she should so some such than that the their theirs them then there these they this those
    through to too under until up us very was we were what when where which while who whom whose
    why will with would you your yours""".split()
)


def has_cjk(text: str) -> bool:
    """True when the text holds at least one character of a script written without spaces."""
    return _CJK_RUN.search(text) is not None


def terms(text: str) -> list[str]:
    """Terms for BM25 in reading order; may repeat."""
    found: list[str] = []
    for run in runs(text):
        if is_cjk(run):
            found.extend(run)
            found.extend(run[i : i + 2] for i in range(len(run) - 1))
        elif term := stem(run):
            found.append(term)
    return found


def words(text: str) -> list[str]:
    """Stems and dictionary words in reading order; may repeat."""
    found: list[str] = []
    for run in runs(text):
        if is_cjk(run):
            found.extend(cut(run))
        elif term := stem(run):
            found.append(term)
    return found


def without_question_words(text: str) -> str:
    """A Chinese question less the words that only make it a question; itself if nothing is left."""
    cut = _QUESTION_WORDS.sub(" ", text)
    return cut if _RUN.search(cut) else text


def without_numerals_asked(text: str) -> str:
    """A Chinese question that asks for a number, less the word that stands in its place: 几天 is about 天."""
    return _NUMERAL_ASKED.sub(" ", text)


def runs(text: str) -> list[str]:
    """Letters and digits that stand together, in reading order; scripts without spaces apart from others."""
    if text.isascii():
        return _ASCII_RUN.findall(text)
    return _RUN.findall(unicodedata.normalize("NFKC", text))


def ascii_words(text: str) -> list[str]:
    """What `runs` finds in ASCII, in lower case and in a third of the time."""
    return text.translate(_ASCII_WORDS).split()


def apart(text: str) -> tuple[str, list[str]]:
    """The runs of a text, scripts without spaces in one line and the others in a list.

    In the line `OTHER` keeps the place of each of the others; what is no run at all is one newline.
    """
    normal = unicodedata.normalize("NFKC", text).replace(OTHER, " ")
    return _BETWEEN.sub("\n", _OTHER_RUN.sub(OTHER, normal)), _OTHER_RUN.findall(normal)


def is_cjk(run: str) -> bool:
    """True for a run of a script written without spaces."""
    return not run.isascii() and _CJK_RUN.match(run) is not None


def cut(run: str) -> list[str]:
    """Dictionary words. White space in the run is a boundary and stands as a word of its own."""
    found: list[str] = _dictionary().cut(run)
    return found


def stem_of(word: str) -> str:
    """The Porter2 stem, or '' for a stop word or the tail of a contraction."""
    lower = word.lower()
    if lower in STOP_WORDS or _SPACED_LETTERS.match(lower):
        return ""
    found: str = _stemmer().stemWord(lower)
    return found


stem = lru_cache(maxsize=200_000)(stem_of)


@cache
def _stemmer() -> Any:
    import Stemmer  # C; loaded at the first word

    return Stemmer.Stemmer("english", 0)  # no cache of its own


@cache
def _dictionary() -> Any:
    import rjieba  # its dictionary takes 0.1 s to load: only for texts that need it

    return rjieba
