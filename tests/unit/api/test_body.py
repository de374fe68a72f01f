import pytest

from api import body, schemas
from rag.errors import BadInput


def test_a_question_with_history_is_read() -> None:
    asked = body.parse(
        '{"question": "年假?", "history": [{"role": "user", "content": "x"}]}'.encode(), schemas.Ask
    )
    assert asked.question == "年假?"
    assert asked.history[0].role == "user"
    assert asked.stream is False


@pytest.mark.parametrize("data", [b"", b"{", b"nonsense", b'{"question": "\xff"}', b"[" * 100_000])
def test_what_is_no_json_is_bad_input(data: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        body.parse(data, schemas.Ask)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b"{}", "question"),
        (b"[]", ""),
        (b'{"question": 7}', "question"),
        (b'{"question": "x", "limit": 0}', "limit"),
        (b'{"question": "x", "limit": "3"}', "limit"),
        (b'{"question": "x", "history": [{"role": "system", "content": "x"}]}', "history.0.role"),
        (b'{"question": "x", "qestion": "y"}', "qestion"),
    ],
)
def test_what_does_not_fit_names_the_field(data: bytes, field: str) -> None:
    with pytest.raises(body.Unfit) as caught:
        body.parse(data, schemas.Ask)
    assert caught.value.status == 422
    assert field in [name for name, _ in caught.value.faults]
