import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser as Page

from api.cli.evaluation.report import report as write
from rag.errors import BadInput
from rag.evaluate import record
from rag.evaluate.judge import Judgement, measures
from rag.evaluate.report import report
from rag.evaluate.report_figures import calibration
from rag.evaluate.report_groups import grouped, outcome
from rag.evaluate.types import Gold, Place, Quote
from tests.data.rows import row, run

HOSTILE = "</div></script><script>alert(1)</script><img src=x onerror=alert(1)>\u202e\x00"
SOME = [row(f"{n:02}", evidence=n / 20, cited=0 if n % 3 else 500) for n in range(20)]


def cases_of(html: str) -> dict[str, list[str]]:
    """Questions under each title of a group."""
    groups = {}
    for group in Page(html).css("details.group"):
        if cases := group.css("details.case > summary"):
            groups[group.css_first("summary").text()] = [case.text(deep=False) for case in cases]
    return groups


def test_wrong_answers_stand_before_right_ones() -> None:
    html = report(
        run(
            row("a", question="right"),
            row("b", question="wrong", cited=500),
            row("c", question="refused", status="not_found"),
            row("d", question="invented", answerable=False),
            row("e", question="kept silent", answerable=False, status="not_found"),
            row("f", question="failed", error="the store is gone"),
        )
    )
    assert list(cases_of(html).items()) == [
        ("Could not be asked (1)", ["failed"]),
        ("Wrong answers (1)", ["wrong"]),
        ("Refused though answerable (1)", ["refused"]),
        ("Answered though unanswerable (1)", ["invented"]),
        ("Right (2)", ["kept silent", "right"]),
    ]


def test_an_answer_without_a_gold_place_is_neither_right_nor_wrong() -> None:
    plain = replace(row("a"), gold=(), measures={"answer_recall": 0.4})
    assert outcome(plain) == "answered, without a gold place to judge by"


def test_the_surest_wrong_answer_comes_first() -> None:
    rows = [row("a", cited=500, evidence=0.2), row("b", cited=500, evidence=0.9)]
    assert [each.case.id for each in grouped(rows)["wrong answers"]] == ["b", "a"]


def test_evidence_stands_beside_what_was_expected() -> None:
    case = Page(report(run(row("a", said="27 days in all")))).css_first("details.case").text()
    for told in (
        "27 days of annual leave",
        "hr/leave.md, 0–20",
        "27 days in all",
        "verbatim",
        "support 0.90",
    ):
        assert told in case
    assert "gold at rank 1" in case


def test_a_quote_that_is_not_verbatim_is_said_to_be_so() -> None:
    quote = Quote(Place("hr/leave.md", 0, 20), "99 days", "99 days", 0.1, verbatim=False)
    page = Page(report(run(row("a", quotes=(quote,)))))
    assert "not verbatim" in [each.text() for each in page.css("blockquote .bad")]


def test_nothing_of_a_hostile_document_becomes_markup() -> None:
    rows = row("a", said=HOSTILE, expected=HOSTILE, question=HOSTILE, kind=HOSTILE, note=HOSTILE)
    rows = replace(
        rows,
        found=(Place(HOSTILE, 0, 1),),
        case=replace(rows.case, id=HOSTILE, gold=(Gold(HOSTILE, HOSTILE),), collection=HOSTILE),
    )
    other = replace(rows, text=f"{HOSTILE} before", measures={**rows.measures, "hit": 1.0, "correct": 1.0})
    header = {"version": HOSTILE, HOSTILE: HOSTILE, "settings": {"model": HOSTILE}}
    page = Page(report(run(rows, **header), run(other)))
    assert len(page.css("script")) == 1
    assert page.css("img, iframe, object, link, form, a[href^='javascript']") == []
    assert not re.search(r"<[^>]*\sonerror", page.html)


def test_only_the_script_of_the_page_may_run_and_nothing_is_loaded() -> None:
    page = Page(report(run(*SOME)))
    policy = page.css_first("meta[http-equiv='Content-Security-Policy']").attributes["content"]
    digest = b64encode(sha256(page.css_first("script").text().encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    loaded = page.css("[src], link, [style*='url(http'], [href]:not([href^='#'])")
    assert [each.tag for each in loaded if each.tag != "use"] == []


def test_chinese_is_told_to_be_chinese() -> None:
    html = report(run(row("a", question="年假有几天？", said="二十七天", expected="27 天")))
    texts = [(each.attributes["lang"], each.text()) for each in Page(html).css(".text")]
    assert texts == [("zh", "27 天"), ("zh", "二十七天")]


def test_all_four_plots_are_in_the_page() -> None:
    titles = [each.attributes["aria-label"] for each in Page(report(run(*SOME))).css("svg")]
    assert titles == [
        "Hit by budget of characters",
        "Risk by coverage",
        "Calibration of the evidence",
        "Latency",
    ]


def test_calibration_counts_right_answers_by_rising_evidence() -> None:
    points = calibration([row(f"{n}", evidence=n / 10, cited=0 if n >= 5 else 500) for n in range(10)])
    assert [(round(point.x, 2), point.y) for point in points] == [(0.2, 0.0), (0.7, 1.0)]


def test_what_got_worse_links_to_its_question() -> None:
    page = Page(report(run(row("a"), row("b", question="lost", cited=500)), run(row("b", question="lost"))))
    link = page.css_first("li a")
    assert link.text() == "lost"
    named = page.css_first(f"details.case{link.attributes['href']}")
    assert named.css_first("summary").text(deep=False) == "lost"
    assert "Answer of the other run" in named.text()


def test_a_judge_is_never_shown_without_its_agreement() -> None:
    judged = [replace(each, measures=each.measures | measures(each, Judgement("correct"))) for each in SOME]
    html = report(run(*judged))
    assert "agrees with gold on 0.65 of 20 answers, Cohen's kappa 0.00" in Page(html).text()
    assert "Judge" not in report(run(*SOME))


def test_a_run_of_failures_is_still_a_report() -> None:
    assert "the store is gone" in report(run(row("a", error="the store is gone")))


def test_the_command_writes_beside_the_result_file(tmp_path: Path) -> None:
    path = tmp_path / "年假.jsonl"
    record.begin(path, {})
    record.append(path, row("a", question="年假有几天？"))
    assert write(path) == 0
    assert "年假有几天？" in path.with_suffix(".html").read_text("utf-8")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    record.begin(path, {})
    with pytest.raises(BadInput, match="nowhere"):
        write(path, out=tmp_path / "nowhere" / "report.html")


def test_the_result_file_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    record.begin(path, {})
    with pytest.raises(BadInput, match="is the result file"):
        write(path, out=path)
    assert record.read(path).rows == ()


def test_only_a_report_is_replaced(tmp_path: Path) -> None:
    path, out = tmp_path / "run.jsonl", tmp_path / "faq.csv"
    record.begin(path, {})
    out.write_text("question,answer\n")
    with pytest.raises(BadInput, match="is no report of kb eval; it was left as it is"):
        write(path, out=out)
    assert out.read_text() == "question,answer\n"
    assert [write(path), write(path)] == [0, 0]


def test_no_control_character_reaches_the_page() -> None:
    page = report(run(row("a", question="Why\x00\x1b[31m\x9b\ud800\u202e?", said="27\tdays\r\n[1]")))
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e\ud800-\udfff]", page)
    assert "Why\ufffd\ufffd[31m\ufffd\ufffd\ufffd?" in page
    assert "27\tdays" in page


def test_five_hundred_questions_stay_below_three_megabytes() -> None:
    long = "Staff have 27 days of annual leave a year in addition to the public holidays. " * 8
    places = tuple(Place("hr/employee-handbook.md", n * 500, n * 500 + 499) for n in range(50))
    rows = [row(f"{n}", said=long, expected=long[:200], found=0) for n in range(500)]
    html = report(run(*(replace(each, found=places) for each in rows)))
    assert len(html.encode()) < 3_000_000
