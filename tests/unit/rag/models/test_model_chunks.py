from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rag.models._chunks import take
from rag.types import Usage

_FIELDS = ["choices", "delta", "content", "index", "finish_reason", "usage", "prompt_tokens"]
_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_FIELDS), inner),
    max_leaves=12,
)


def built(value: Any) -> Any:
    """JSON as the client builds it, without a check."""
    if isinstance(value, dict):
        return SimpleNamespace(**{name: built(inner) for name, inner in value.items()})
    return [built(inner) for inner in value] if isinstance(value, list) else value


def chunk(*choices: dict[str, Any], **more: Any) -> Any:
    return built({"choices": list(choices), **more})


@given(_JSON)
def test_no_json_whatever_is_too_strange(value: Any) -> None:
    take(built(value)).text.encode()


def test_only_content_is_taken() -> None:
    delta = {"content": "yes", "reasoning_content": "hidden", "refusal": "no", "tool_calls": [{"index": 0}]}
    assert take(chunk({"index": 0, "delta": delta})).text == "yes"


def test_a_second_choice_that_nobody_asked_for_is_dropped() -> None:
    first, second = {"index": 0, "delta": {"content": "a"}}, {"index": 1, "delta": {"content": "b"}}
    assert take(chunk(second, first)).text == "a"


def test_half_of_a_surrogate_pair_is_replaced() -> None:
    assert take(chunk({"delta": {"content": "好 \ud83d"}})).text == "好 ?"


def test_usage_is_read_at_the_top_or_in_a_choice() -> None:
    tokens = {"prompt_tokens": 12, "completion_tokens": 3}
    assert take(chunk(usage=tokens)).usage == Usage(12, 3)
    assert take(chunk({"index": 0, "usage": tokens, "finish_reason": "stop"})).usage == Usage(12, 3)
    raw = SimpleNamespace(choices=[SimpleNamespace(index=0, usage=tokens)])
    assert take(raw).usage == Usage(12, 3)


def test_figures_that_cannot_be_are_no_usage() -> None:
    for wrong in (-1, 1.5, True, "12", 10**12, None):
        assert take(chunk(usage={"prompt_tokens": wrong, "completion_tokens": 3})).usage is None
