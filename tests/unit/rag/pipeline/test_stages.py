from hashlib import sha256

import pytest

from rag.errors import BadInput, TooLarge, Unauthenticated
from rag.pipeline.auth import auth
from rag.pipeline.parse import language, parse
from rag.pipeline.route import route
from rag.settings import Key, Settings
from rag.types import Message, Principal, Question, Request
from tests.unit.rag.pipeline.fakes import FakeSystem

pytestmark = pytest.mark.anyio
KEY = Key(name="hr", sha256=sha256(b"secret").hexdigest(), tenant="acme", groups=frozenset({"hr"}))


async def test_without_keys_everybody_is_the_operator() -> None:
    request = await auth(Request("q", key="anything"), FakeSystem(Settings(tenant="acme")))
    assert request.principal == Principal("acme")
    assert request.key is None


async def test_a_key_says_who_asks_and_for_whom() -> None:
    request = await auth(Request("q", key="secret"), FakeSystem(Settings(keys=(KEY,))))
    assert request.principal == Principal("acme", "hr", frozenset({"hr"}))


@pytest.mark.parametrize("key", [None, "", "Secret", "secret ", "\ud800"])
async def test_any_other_key_is_refused_with_the_same_words(key: str | None) -> None:
    with pytest.raises(Unauthenticated, match=r"^no valid key$"):
        await auth(Request("q", key=key), FakeSystem(Settings(keys=(KEY,))))


async def parsed(text: str, **more: object) -> Question:
    request = Request(text, principal=Principal("t"), **more)  # type: ignore[arg-type]
    return await parse(request, FakeSystem(Settings(max_question=50, max_history=2)))


async def test_a_question_is_composed_and_free_of_control_characters() -> None:
    question = await parsed(" cafe\u0301\x00 \x1b[31mor\u202e not?\r\n ")
    assert question.text == "café [31mor not?"


@pytest.mark.parametrize("text", ["", "  \n", "\x00\u200b\x1b", "\ud800"])
async def test_an_empty_question_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="empty"):
        await parsed(text)


async def test_a_long_question_is_refused_with_both_figures() -> None:
    with pytest.raises(TooLarge, match="the question has 1,000 characters; at most 50 are read"):
        await parsed("x" * 1000)


@pytest.mark.parametrize("limit", [0, -1, 51])
async def test_a_limit_out_of_range_is_refused(limit: int) -> None:
    with pytest.raises(BadInput, match="limit"):
        await parsed("q", limit=limit)


async def test_only_the_last_turns_are_read() -> None:
    turns = tuple(Message("user", str(i)) for i in range(5))
    question = await parsed("q", history=turns)
    assert [turn.content for turn in question.history] == ["3", "4"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How long?", "en"),
        ("试用期多长？", "zh"),
        ("燕鸥 T40 的批量价是多少？", "zh"),
        ("What does 试用期 mean in the handbook?", "en"),
        ("¿Cuánto?", "en"),
        ("12 + 3 ≥ ?", "en"),
    ],
)
def test_the_language_is_the_one_that_most_letters_are_of(text: str, expected: str) -> None:
    assert language(text) == expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Hello!", "small_talk"),
        ("thanks a lot.", "small_talk"),
        ("你好", "small_talk"),
        ("好的，谢谢！", "small_talk"),
        ("Hello, how many days of leave are there?", "search"),
        ("thank you letter template", "search"),
        ("你好，试用期多长？", "search"),
    ],
)
async def test_greetings_and_thanks_are_not_searched(text: str, kind: str) -> None:
    question = Question(text, Principal("t"), language(text))
    assert (await route(question, FakeSystem())).kind == kind
