"""Letters by how often they are written, for guessing the encoding of text that does not say it.

A wrong encoding turns words into rare letters, signs within words and capitals behind small ones.
"""

import re

# The commonest characters of running text: a wrong reading hits hardly any of them.
COMMON = frozenset(
    "的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么"
    "这個國來說們為時會過學對裡後麼與於從還進發當經動種現開無實點業請應員間題應將號電話務電費"
    "用日月公司产品服务请应务费员问题电话号将與及或等均按内其它元万第每本所由其能使高多成部方工"
    "，。、：；？！（）「」《》“”"
    "のにはをたがでてとしれさるいなもすまらりこんかくきうけあおよめつせそちみえ"
    "アイウエオカキクケコサシスセソタチツテトナニネノハヒフホマミムメモヤユヨラリルレロワンーッャュョ・"
    "이가는을에의다고하지로를은기서한도인사자대일정수어리그나아있시해라부"
)
# One language a line: those that share an encoding and most letters need not all be there.
_LETTERS = (
    ("cp1252", "éèêëàâçîïôûùüœæ"),
    ("cp1252", "äöüß"),
    ("cp1252", "áéíóúñü¿¡ºª"),
    ("cp1252", "ãõáéíóúâêôàç"),
    ("cp1252", "åäöøæé"),
    ("cp1252", "àèéìòù"),
    ("cp1252", "áðéíóúýþæö"),
    ("cp1250", "ąćęłńóśźż"),
    ("cp1250", "áčďéěíňóřšťúůýžľĺŕô"),
    ("cp1250", "áéíóöőúüű"),
    ("cp1250", "čćđšž"),
    ("cp1250", "ăâîşţ"),
    ("cp1254", "çğıöşüİ"),
    ("cp1257", "ąčęėįšųūž"),
    ("cp1257", "āčēģīķļņšūž"),
    ("cp1257", "äõöüšž"),
    ("cp1258", "ăâđêôơư\u0300\u0301\u0303\u0309\u0323"),
)
# Whole alphabets, in order of frequency: nearly every letter of a text is one of them.
_ALPHABETS = (
    ("cp1251", "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґўђјљњћџ"),
    ("koi8-r", "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"),
    ("koi8-u", "оаинвретісклупдмязьбгчхцйїжєшющфґ"),
    ("cp866", "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"),
    ("cp1253", "αοιετσνηυρπκμλςωάόδίέγθήχφύβξώζψϊϋΐΰ"),
    ("cp1255", "יוהלאתרמבשנםדחקעפטכגןסצזךץףװױײ\u05b0\u05b4\u05b7\u05b8\u05bc"),
    ("cp1256", "اليمنرتوبعدسفهكةقحجأشطىصخذضزئإغآءثظؤپچژگکی\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652"),
    (
        "cp874",
        "านรอกเงมยลวดทส\u0e48\u0e49\u0e34\u0e31\u0e35ปแไคบะ\u0e37ตหขจพใ\u0e38\u0e39ชถซโผ\u0e4cธศณภฉษญฟ\u0e47",
    ),
)
_WORD = re.compile(r"[^\W\d_][^\s!-/:-@\[-`{-~\xa0]*", re.UNICODE)
_PUNCTUATION = frozenset("’‘“”„‚–—…«»°§·•®©™€£\xa0\xad")
_RANK_WEIGHTS = (1.0, 0.8, 0.4)  # of the first, second and last third of an alphabet


def single_byte(data: bytes) -> tuple[str, float]:
    """The code page whose reading is most like a language, and how much, 0..1."""
    best, page = 0.0, "cp1252"
    for candidate, weights in _TABLES:
        try:
            text = data.decode(candidate)
        except UnicodeDecodeError:
            continue
        score = _likeness(text, weights)
        if score > best + 1e-9:
            best, page = score, candidate
    return page, best


def _likeness(text: str, weights: dict[str, float]) -> float:
    """The mean weight of the characters beyond ASCII; 0 for one that no word has there."""
    total, count = 0.0, 0
    for word in _WORD.findall(text):
        if word.isascii():
            continue
        fit = 0.6 if len(word) > 2 and word.isupper() else 1.0
        for at, letter in enumerate(word):
            if letter < "\x80" or (letter in _PUNCTUATION and letter in "’\xad"):
                continue
            count += 1
            if at == 0 or word[at - 1].isupper() or not letter.isupper():
                total += fit * weights.get(letter.lower(), 0.0)
    strays = sum(letter > "\x7f" and letter not in _PUNCTUATION for letter in _WORD.sub("", text))
    return total / max(count + strays, 1)


def _ranked(letters: str) -> dict[str, float]:
    third = -(-len(letters) // 3)
    return {letter: _RANK_WEIGHTS[rank // third] for rank, letter in enumerate(letters)}


_TABLES = tuple((page, dict.fromkeys(letters, 1.0)) for page, letters in _LETTERS) + tuple(
    (page, _ranked(letters)) for page, letters in _ALPHABETS
)
