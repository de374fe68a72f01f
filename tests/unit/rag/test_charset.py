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


@pytest.mark.parametrize("data", [bytes(range(256)) * 20, b"\x7fELF\x02\x01\x01" + bytes(500), b"\0" * 1000])
def test_binary_data_is_refused_with_a_next_step(data):
    with pytest.raises(UnreadableFile) as caught:
        decode(data)
    assert caught.value.state == "damaged"
    assert caught.value.hint
