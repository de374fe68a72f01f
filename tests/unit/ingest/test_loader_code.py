import pytest

from ingest.loaders import code


@pytest.mark.parametrize(
    ("name", "text", "names"),
    [
        (
            "a.py",
            "import os\n\nclass A(B):\n    def f(self):\n        pass\n\nasync def g():\n    pass\n",
            ["A", "f", "g"],
        ),
        (
            "a.js",
            "export const f = (a) => {\n}\nexport default class Foo {}\nfunction g() {}\n",
            ["f", "Foo", "g"],
        ),
        ("a.ts", "export interface Props {\n  x: 1\n}\nexport type T = 1\n", ["Props", "T"]),
        ("a.go", "func (s *Server) Run() error {\n}\ntype T struct {\n}\n", ["Run", "T"]),
        ("a.rs", "pub(crate) async fn run() {}\nimpl Foo {\n}\n", ["run", "Foo"]),
        ("a.java", "public final class A {\n}\n", ["A"]),
        ("a.sql", "CREATE TABLE IF NOT EXISTS users (id int);\ncreate view v as select 1;\n", ["users", "v"]),
        ("a.sh", "build() {\n  make\n}\n", ["build"]),
        ("a.toml", 'title = "x"\n[tool.x]\na = 1\n[[b]]\n', ["tool.x", "b"]),
    ],
)
def test_definitions_are_sections_and_the_text_is_the_file(name, text, names):
    loaded = code.load(text.encode(), name)
    assert loaded.text == text
    assert [s.heading[-1] for s in loaded.sections if s.heading] == names
    assert "".join(text[s.span.start : s.span.end] for s in loaded.sections) == text
    assert loaded.title == name


def test_code_in_a_chinese_encoding_is_read():
    assert code.load("# 计算员工的年假天数，单位是天\n".encode("gb18030"), "a.py").text.startswith("# 计算")


def test_files_of_secrets_are_not_read():
    assert ".env" not in code.SUFFIXES
