import subprocess
import sys

import pytest

from rag.errors import ConfigError
from rag.models.openai import connect, limit_field
from rag.settings import Settings


def test_without_address_and_key_it_says_what_to_set() -> None:
    with pytest.raises(ConfigError) as caught:
        connect("gpt-5.5", Settings())
    assert "KB_MODEL_KEY" in caught.value.hint
    assert "KB_MODEL_URL" in caught.value.hint


def test_a_service_of_one_s_own_needs_no_key() -> None:
    assert connect("llama3:8b", Settings(model_url="http://127.0.0.1:11434/v1")).name == "openai:llama3:8b"


@pytest.mark.parametrize("name", ["OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_API_KEY"])
def test_the_usual_variables_are_known(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:1/v1")
    connect("gpt-5.5", Settings())


@pytest.mark.parametrize("url", ["ftp://host/v1", "127.0.0.1:8080", "http://", "http://host:port/v1"])
def test_an_address_that_is_none_is_a_setting_to_mend(url: str) -> None:
    with pytest.raises(ConfigError, match="no base URL"):
        connect("m", Settings(model_url=url))


def test_a_key_that_cannot_be_a_header_is_not_printed() -> None:
    with pytest.raises(ConfigError) as caught:
        connect("m", Settings(model_key="sk-密\nkey"))
    assert "密" not in f"{caught.value} {caught.value.hint}"


def test_a_model_must_be_named() -> None:
    with pytest.raises(ConfigError, match="names no model"):
        connect("", Settings(model_key="k"))


def test_the_limit_of_tokens_has_another_name_at_openai() -> None:
    assert limit_field("https://api.openai.com/v1") == "max_completion_tokens"
    assert limit_field("http://127.0.0.1:8080/v1") == "max_tokens"
    assert limit_field("https://api.openai.com.example/v1") == "max_tokens"


def test_the_library_is_not_loaded_before_a_model_is_asked() -> None:
    code = (
        "import sys; from rag.plugins import load; from rag.settings import Settings;"
        "load('models', 'openai').connect('m', Settings(model_key='k'));"
        "sys.exit('openai' in sys.modules or 'httpx2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
