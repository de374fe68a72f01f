import codecs

import pytest

from rag.charset import decode
from rag.errors import UnreadableFile

CHINESE = "员工每年可以休年假十五天，请提前两周向主管申请。未休完的年假可以顺延到次年三月。"
TRADITIONAL = "員工每年可以休年假十五天，請提前兩週向主管申請。未休完的年假可以順延到次年三月。"
JAPANESE = "社員は毎年十五日の休暇を取ることができます。二週間前までに上司に申請してください。"


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        (CHINESE, "utf-8"),
        (CHINESE, "gb18030"),
        (CHINESE, "utf-16-le"),
        (CHINESE, "utf-16-be"),
        (TRADITIONAL, "big5"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        ("Leave is granted for fifteen days a year.", "utf-16-le"),
    ],
)
def test_text_comes_back_whatever_it_was_encoded_in(text, charset):
    assert decode(text.encode(charset)) == (text, charset)


def test_western_text_that_is_not_utf8_is_guessed():
    text = "Le congé payé est accordé à chaque employé après un an. Für Köln gilt das Gleiche. " * 5
    assert decode(text.encode("cp1252"))[0] == text


@pytest.mark.parametrize("charset", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_byte_order_mark_decides_and_is_no_text(charset):
    mark = {
        "utf-8": codecs.BOM_UTF8,
        "utf-16-le": codecs.BOM_UTF16_LE,
        "utf-16-be": codecs.BOM_UTF16_BE,
        "utf-32-le": codecs.BOM_UTF32_LE,
        "utf-32-be": codecs.BOM_UTF32_BE,
    }[charset]
    assert decode(mark + CHINESE.encode(charset)) == (CHINESE, charset)


def test_a_log_cut_within_its_last_character_is_still_read():
    assert decode("日志：服务启动".encode()[:-1]) == ("日志：服务启\ufffd", "utf-8")


def test_newlines_stay_as_they_are():
    assert decode(b"a\r\nb\rc\n")[0] == "a\r\nb\rc\n"


RUSSIAN = (
    "Каждый сотрудник имеет право на ежегодный отпуск пятнадцать дней. Заявление подаётся за две недели."
)
KOREAN = "모든 직원은 매년 십오일의 휴가를 사용할 수 있습니다. 휴가는 이주 전에 신청해야 합니다."


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        (KOREAN, "euc_kr"),
        (KOREAN, "utf-16-le"),
        (JAPANESE, "iso2022_jp"),
        (TRADITIONAL, "utf-16-be"),
        (TRADITIONAL, "utf-32-le"),
        (CHINESE, "utf-32-be"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "utf-16-le"),
        ("Κάθε εργαζόμενος δικαιούται δεκαπέντε ημέρες άδειας τον χρόνο.", "cp1253"),
        ("לכל עובד מגיעים חמישה עשר ימי חופשה בשנה ויש לבקש אותם מראש", "cp1255"),
        ("يحق لكل موظف خمسة عشر يوما من الإجازة السنوية ويجب طلبها مقدما", "cp1256"),
        ("พนักงานทุกคนมีสิทธิลาพักร้อนปีละสิบห้าวัน", "cp874"),
        ("Każdy pracownik ma prawo do piętnastu dni urlopu, wniosek składa się wcześniej.", "cp1250"),
        ("Každý zaměstnanec má nárok na patnáct dní dovolené, žádost podává předem.", "cp1250"),
        ("Her çalışanın yılda on beş gün izin hakkı vardır, önceden başvurmalıdır.", "cp1254"),
        (
            "Kiekvienas darbuotojas turi teisę į penkiolikos dienų atostogas, prašymą pateikęs iš anksto.",
            "cp1257",
        ),
        ("Chaque salarié a droit à quinze jours de congés ; la demande précède d'une journée.", "cp1252"),
        ("Für jeden Beschäftigten gibt es fünfzehn Tage.", "cp1252"),
    ],
)
@pytest.mark.parametrize("times", [1, 20])
def test_what_does_not_say_its_encoding_is_read_by_how_it_reads(text, charset, times):
    text = "\n".join([text] * times)
    assert decode(text.encode(charset))[0] == text


def test_short_chinese_beside_much_english_is_still_chinese():
    text = "See https://example.com/docs/install for `kb`：安装依赖项。"
    assert decode(text.encode("gb18030"))[0] == text
    assert decode(b"`x` " + "是".encode("gb18030"))[0] == "`x` 是"


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        ("é".encode("cp1252"), "iso-8859-1", "é"),
        ("短".encode("gb18030"), "GB2312", "短"),
        ("短".encode("big5"), "big5", "短"),
        ("é".encode(), "iso-8859-1", "é"),  # the bytes are UTF-8, whatever is said
        ("日本".encode("iso2022_jp"), "ISO-2022-JP", "日本"),
        (CHINESE.encode("gb18030"), "utf-8", CHINESE),
        (CHINESE.encode("gb18030"), "big5", CHINESE),
        (CHINESE.encode("gb18030"), "unicode_escape", CHINESE),
        (CHINESE.encode("gb18030"), "no-such", CHINESE),
    ],
)
def test_a_declared_encoding_counts_where_the_bytes_agree(data, declared, text):
    assert decode(data, declared)[0] == text


@pytest.mark.parametrize("data", [bytes(range(256)) * 20, b"\x7fELF\x02\x01\x01" + bytes(500), b"\0" * 1000])
def test_binary_data_is_refused_with_a_next_step(data):
    with pytest.raises(UnreadableFile) as caught:
        decode(data)
    assert caught.value.state == "damaged"
    assert caught.value.hint
