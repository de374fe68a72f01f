from rag.words import terms, without_numerals_asked, without_question_words, words


def test_english_words_are_stemmed_and_stop_words_left_out() -> None:
    assert terms("The passwords were resetting") == ["password", "reset"]


def test_contractions_leave_no_stray_letters() -> None:
    assert terms("we've got Sam's badge") == ["got", "sam", "badg"]


def test_chinese_terms_are_characters_and_pairs() -> None:
    assert terms("年假制") == ["年", "假", "制", "年假", "假制"]


def test_chinese_words_come_from_a_dictionary() -> None:
    assert words("报销流程") == ["报销", "流程"]


def test_full_width_letters_are_found_by_their_plain_form() -> None:
    assert terms("ＶＰＮ") == terms("vpn")


def test_both_languages_in_one_line_keep_their_order() -> None:
    assert words("登录 VPN 失败") == ["登录", "vpn", "失败"]


def test_words_that_only_ask_are_cut_from_a_chinese_question() -> None:
    assert terms(without_question_words("请问年假有多少天")) == terms("年假有 天")


def test_a_question_of_nothing_but_question_words_is_kept() -> None:
    assert without_question_words("为什么") == "为什么"


def test_the_numeral_that_is_asked_for_is_no_part_of_a_word() -> None:
    assert words(without_numerals_asked("年假有几天")) == ["年", "假", "有", "天"]
    assert without_numerals_asked("几乎所有员工") == "几乎所有员工"
