"""Questions as companies keep them, and what is said of lines that cannot be used."""

import json
from pathlib import Path

import openpyxl
import pytest

from rag.errors import BadInput
from rag.evaluate import cases
from rag.evaluate.types import Case, Gold
from rag.types import Message

CHINESE = [
    ("员工每年有几天年假？", "员工每年享有十五天带薪年假。"),
    ("可以报销出租车费吗？", "晚上十点以后可以报销。"),
]


def read(tmp_path: Path, name: str, content: str | bytes) -> tuple[Case, ...]:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return cases.read([path]).cases


def problems(tmp_path: Path, name: str, content: str) -> list[str]:
    with pytest.raises(cases.BadCases) as error:
        read(tmp_path, name, content)
    return [problem.removeprefix(f"{tmp_path}/") for problem in error.value.problems]


def test_two_columns_without_headers_are_questions_and_answers(tmp_path: Path) -> None:
    first, second = read(tmp_path, "faq.csv", "How much?,Ten pounds\nWhere?,In Leeds\n")
    assert (first.question, first.answer, first.language) == ("How much?", "Ten pounds", "en")
    assert second.where == f"{tmp_path}/faq.csv:2"


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_chinese_tables_are_read_in_every_usual_encoding(
    tmp_path: Path, charset: str, delimiter: str
) -> None:
    text = "\r\n".join(delimiter.join(row) for row in [("提问", "回答"), *CHINESE])
    found = read(tmp_path, "faq.csv", text.encode(charset))
    assert [(case.question, case.answer) for case in found] == CHINESE
    assert {case.language for case in found} == {"zh"}


def test_headers_are_known_in_any_case_order_and_language(tmp_path: Path) -> None:
    text = "ANSWER,Source,Notes,Question,可回答,原文,Kind\nYes,hr/leave.md,x,Is it?,是,Yes it is,plain\n"
    (case,) = read(tmp_path, "faq.csv", text)
    assert (case.question, case.answer, case.answerable, case.kind) == ("Is it?", "Yes", True, "plain")
    assert case.gold == (Gold("hr/leave.md", "Yes it is"),)


def test_of_two_columns_that_mean_the_same_the_first_counts(tmp_path: Path) -> None:
    (case,) = read(tmp_path, "faq.csv", "Category,Question,Topic,Answer\nHR,Is it?,Leave,No\n")
    assert (case.kind, case.answer) == ("HR", "No")


def test_a_cell_may_hold_lines_and_its_row_is_named_by_the_first(tmp_path: Path) -> None:
    found = read(tmp_path, "faq.csv", 'question,answer\nQ1,"one\ntwo"\nQ2,three\n')
    assert found[0].answer == "one\ntwo"
    assert found[1].where.endswith(":4")


def test_a_workbook_is_read_by_its_first_sheet_that_holds_anything(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("FAQ")
    for row in [("编号", "问题", "答案", "可回答"), (7.0, "几天？", "十五天", "是"), (8, "谁？", None, "否")]:
        sheet.append(row)
    book.save(tmp_path / "faq.xlsx")
    first, second = cases.read([tmp_path / "faq.xlsx"]).cases
    assert (first.id, first.question, first.answer) == ("7", "几天？", "十五天")
    assert (second.id, second.answerable) == ("8", False)


def test_json_lines_have_places_and_earlier_turns(tmp_path: Path) -> None:
    line = {
        "id": "a",
        "question": "And in Spain?",
        "lang": "en",
        "gold": [{"file": "docs/a.md", "start": 3, "end": 6, "quote": "abc"}],
        "gold_mode": "all",
        "history": [{"role": "user", "text": "Leave?"}, {"role": "assistant", "content": "25 days"}],
        "unknown": [1],
    }
    (case,) = read(tmp_path, "q.jsonl", json.dumps(line) + "\n\n")
    assert case.gold == (Gold("docs/a.md", "abc", 3, 6),)
    assert case.need == "all"
    assert case.history == (Message("user", "Leave?"), Message("assistant", "25 days"))


def test_a_history_in_a_cell_may_be_lines_or_json(tmp_path: Path) -> None:
    text = (
        'question,history\nQ1,"Leave?\nassistant: 25 days"\nQ2,"[{""role"": ""user"", ""text"": ""Hi""}]"\n'
    )
    first, second = read(tmp_path, "q.csv", text)
    assert first.history == (Message("user", "Leave?"), Message("assistant", "25 days"))
    assert second.history == (Message("user", "Hi"),)


def test_a_broken_line_is_named_with_what_was_expected(tmp_path: Path) -> None:
    text = "id,question,answerable\na,Q1,yes\nb,,yes\nc,Q3,maybe\na,Q4,no\n"
    assert problems(tmp_path, "q.csv", text) == [
        "q.csv:3: 'question' is empty; expected a question",
        "q.csv:4: 'answerable' is 'maybe'; expected true or false",
        f"q.csv:5: the id 'a' stands in {tmp_path}/q.csv:2 already; expected one of its own",
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON"),
        ("[]", "not an object"),
        ('{"question": 1, "gold": {}}', "'gold' is {}; expected a list of places"),
        (
            '{"question": "Q", "gold": [{"file": "a", "start": 1, "end": 9, "quote": "abc"}]}',
            "its quote has 3",
        ),
        ('{"question": "Q", "gold": [{"file": "a", "start": 9, "end": 1}]}', "expected 0 <= start < end"),
        ('{"question": "Q", "gold": [{}]}', "gold 1 is empty"),
        ('{"question": "Q", "gold": [{"quote": "x"}], "answerable": false}', "expected one or the other"),
        ('{"question": "Q", "lang": "de"}', "expected en or zh"),
        ('{"question": "Q", "gold_mode": "some"}', "expected any or all"),
        ('{"question": "Q", "history": [{"role": "robot", "text": "x"}]}', "expected role (user, assistant)"),
        ('{"question": ["Q"]}', "expected text"),
    ],
)
def test_each_field_of_json_is_checked(tmp_path: Path, line: str, said: str) -> None:
    (problem,) = problems(tmp_path, "q.jsonl", '{"question": "first"}\n' + line + "\n")
    assert problem.startswith("q.jsonl:2: ")
    assert said in problem


def test_of_many_problems_ten_are_named_and_all_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text("{\n" * 25)
    with pytest.raises(cases.BadCases, match="and 15 more") as error:
        cases.read([path])
    assert (len(error.value.problems), error.value.count) == (10, 25)


def test_an_open_quotation_mark_is_named_by_the_row_in_which_it_begins(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"q\.csv:3: not a row"):
        read(tmp_path, "q.csv", 'question,answer\nQ1,A1\nQ2,"A2\nQ3,A3\n')


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("q.csv", "", "has no rows"),
        ("q.csv", "a,b,c\n1,2,3\n", "expected one named 'question'"),
        ("q.csv", "question,Q\n1,2\n", "2 columns mean 'question'"),
        ("q.csv", "question,answer\n", "no questions in"),
        ("q.docx", "x", "questions are read from"),
        ("q.xlsx", "x", "is no XLSX workbook"),
    ],
)
def test_a_file_that_is_no_table_of_questions_is_named(
    tmp_path: Path, name: str, content: str, said: str
) -> None:
    with pytest.raises(BadInput, match=said) as error:
        read(tmp_path, name, content)
    assert name in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nothing\.csv: No such file"):
        cases.read([tmp_path / "nothing.csv"])


TITLED = [["常见问题 2026", None], [None, None], ["问题", "答案"], *map(list, CHINESE)]


@pytest.mark.parametrize(
    "rows",
    [
        TITLED,
        [TITLED[0], *TITLED[3:]],
        [[None, *row] for row in TITLED[2:]],
        [[None, question, None, answer, None] for question, answer in CHINESE],
    ],
)
def test_a_title_and_empty_columns_are_no_questions(tmp_path: Path, rows: list[list[str | None]]) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(tmp_path / "q.xlsx")
    found = cases.read([tmp_path / "q.xlsx"]).cases
    assert [(case.question, case.answer) for case in found] == CHINESE


def test_a_first_question_without_an_answer_is_no_title(tmp_path: Path) -> None:
    found = read(tmp_path, "q.csv", "How long is probation?,\nHow many days?,27\n")
    assert [case.question for case in found] == ["How long is probation?", "How many days?"]


def test_headers_are_looked_for_above_the_first_row_of_data_only(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"q\.csv:1: the headers are 'a', 'b', 'c'"):
        read(tmp_path, "q.csv", "a,b,c\nquestion,answer,file\n")


@pytest.mark.parametrize(
    ("header", "field"), [("Anwser", "answer"), ("Answerble", "answerable"), ("unanswerable", "answerable")]
)
def test_a_misspelt_header_is_named_with_what_was_meant(tmp_path: Path, header: str, field: str) -> None:
    with pytest.raises(
        BadInput, match=rf"q\.csv:1: the header '{header}' is not known; did you mean '{field}'"
    ):
        read(tmp_path, "q.csv", f"question,{header}\nQ,no\n")


def test_a_header_that_only_sounds_like_a_field_is_passed_over(tmp_path: Path) -> None:
    (found,) = read(tmp_path, "q.csv", "question,answer,Answered,Answer date,Answers seen\nQ,A,yes,May,7\n")
    assert (found.question, found.answer) == ("Q", "A")


def test_a_misspelt_field_is_named_with_what_was_meant(tmp_path: Path) -> None:
    line = '{"question": "Q", "answerble": false}\n'
    (problem,) = problems(tmp_path, "q.jsonl", line)
    assert problem == "q.jsonl:1: 'answerble' is not known; did you mean 'answerable'?"


def test_json_that_is_broken_is_named_by_its_place_in_the_line(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "q.jsonl", '{"question": "Q", \n')
    assert problem.startswith("q.jsonl:1: not JSON (Expecting property name")
    assert problem.endswith("at character 19); expected one object a line")


@pytest.mark.parametrize("field", ["question", "answer", "answerable"])
def test_nan_is_no_value(tmp_path: Path, field: str) -> None:
    (problem,) = problems(tmp_path, "q.jsonl", f'{{"question": "Q", "{field}": NaN}}\n')
    assert problem == "q.jsonl:1: not JSON (NaN is no number of JSON); expected one object a line"


def test_half_a_character_becomes_a_question_mark(tmp_path: Path) -> None:
    """As exports cut texts in the middle of an emoji; no file could hold it."""
    text = '{"id": "a\\ud83d", "question": "How? \\ud83d", "gold": [{"quote": "x\\ud83d"}]}'
    (found,) = read(tmp_path, "q.jsonl", text)
    assert (found.id, found.question, found.gold[0].quote) == ("a?", "How? ?", "x?")


def test_a_row_that_repeats_another_is_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text("question,answer\nQ,A\nQ,B\nQ,A\nQ,B\n")
    found = cases.read([path])
    assert [(case.question, case.answer) for case in found.cases] == [("Q", "A"), ("Q", "B")]
    assert found.repeated == 2


def test_drafts_are_counted_and_never_scored(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"question": "A", "confirmed": true}\n{"question": "", "confirmed": false}\n')
    found = cases.read([path])
    assert ([case.question for case in found.cases], found.unconfirmed) == (["A"], 1)


def test_only_drafts_are_no_questions(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="1 are not confirmed yet"):
        read(tmp_path, "q.csv", "question,confirmed\nA,no\n")


def test_ids_are_of_the_question_and_stay_when_lines_are_added(tmp_path: Path) -> None:
    (one,) = read(tmp_path, "a.csv", "question,answer\nHow much?,Ten\n")
    first, second, third = read(
        tmp_path, "b.csv", "question,answer\nWhere?,x\nHow much?,Ten\nHow much?,Nine\n"
    )
    assert one.id == second.id
    assert len({first.id, second.id, third.id}) == 3


def test_a_sample_is_the_same_each_time_and_keeps_the_order(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text("question\n" + "".join(f"Q{i:02}\n" for i in range(50)))
    found = cases.read([path])
    chosen = [case.question for case in found.sample(10).cases]
    assert chosen == [case.question for case in found.sample(10).cases] == sorted(chosen)
    assert len(chosen) == 10
    assert found.sample(99) == found


def test_the_digest_is_of_the_questions_and_not_of_the_file(tmp_path: Path) -> None:
    for name, text in (("a.csv", "How?,So\n"), ("b.csv", "\nHow?,So\n"), ("c.csv", "How?,No\n")):
        (tmp_path / name).write_text(text)
    one, same, other = (cases.read([tmp_path / name]).digest for name in ("a.csv", "b.csv", "c.csv"))
    assert one == same != other
