import pytest

from ingest.loaders import yaml
from rag.errors import UnreadableFile


def load(text):
    return yaml.load(text.encode(), "service.yaml")


def test_yaml_reads_as_json_of_the_same_shape():
    loaded = load(
        "title: 服务时间\nhours:\n  open: 09:00\n  days: [Mon, Tue]\n"
        "staff:\n- name: 张伟\n  room: 012\n- {name: Ann, room: ~}\n"
    )
    assert loaded.title == "服务时间"
    assert loaded.text == (
        "title: 服务时间\n\nhours\n\nhours.open: 09:00\nhours.days: Mon, Tue\n\n"
        "staff\n\nname: 张伟; room: 012\nname: Ann\n"
    )


def test_questions_and_answers_are_entries():
    loaded = load(
        "- question: How long?\n  answer: |\n    One day.\n    Or two.\n- question: 多久\n  answer: 一天\n"
    )
    assert [s.heading for s in loaded.sections] == [("How long?",), ("多久？",)]


def test_merged_keys_are_filled_in_and_own_ones_win():
    assert load("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\n").text == "\n".join(
        ["a", "", "a.x: 1", "a.y: 2", "", "b", "", "b.y: 3", "b.x: 1", ""]
    )


def test_several_documents_follow_one_another():
    assert load("a: 1\n---\na: 2\n").text == "a: 1\na: 2\n"


def test_that_comments_are_left_out_is_said():
    assert load("a: 1 # x\n# why\n").report["warnings"] == ["comments (#) are left out"]
    assert "warnings" not in load("a: 1\n").report


def test_a_template_keeps_its_text():
    text = "a: {{ value }}\n  b: [\n"
    loaded = load(text)
    assert loaded.text == text
    assert "no YAML (line" in loaded.report["warnings"][0]


def test_aliases_that_multiply_are_refused():
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )
    with pytest.raises(UnreadableFile, match="aliases") as caught:
        load(bomb)
    assert caught.value.state == "too large"


def test_tags_are_not_obeyed():
    assert load("a: !!python/object/apply:os.system [echo]\n").text == "a: echo\n"


def test_deep_nesting_is_survived():
    assert load("- " * 5_000 + "x").text
