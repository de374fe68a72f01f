"""Signed receipts: believed as they were signed, and in no other way."""

import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.erase import receipt, signing
from rag.erase.receipt import Verdict, canonical, check, signed
from rag.erase.signing import Installation
from rag.errors import BadInput, ConfigError

OURS, THEIRS = Installation(b"a" * 32), Installation(b"b" * 32)
BODY = {
    "id": "77",
    "tenant": "default",
    "by": "王芳",
    "counts": {"chunks": 3},
    "documents": [{"id": "d1"}],
    "ok": True,
}
TEXT = signed(BODY, OURS)


def verdict(data: str | bytes, public: str | None = OURS.public) -> Verdict:
    return check(data.encode() if isinstance(data, str) else data, public).verdict


def test_a_receipt_is_believed_as_it_was_signed() -> None:
    checked = check(TEXT.encode(), OURS.public)
    assert checked.verdict is Verdict.OK
    assert {name: checked.body[name] for name in BODY} == BODY


def test_another_installations_receipt_is_told_from_a_tampered_one() -> None:
    assert verdict(TEXT, THEIRS.public) is Verdict.FOREIGN
    assert verdict(TEXT, None) is Verdict.FOREIGN
    assert verdict(TEXT.replace('"chunks":3', '"chunks":2'), THEIRS.public) is Verdict.TAMPERED


def test_white_space_between_tokens_does_not_matter() -> None:
    assert (
        verdict(json.dumps(json.loads(TEXT), indent=2, ensure_ascii=False, sort_keys=True) + "\n")
        is Verdict.OK
    )


def test_every_changed_byte_is_refused() -> None:
    data = TEXT.encode()
    for place in range(len(data)):
        for flip in (1, 0x20, 0x80):
            changed = bytearray(data)
            changed[place] ^= flip
            assert verdict(bytes(changed)) is Verdict.TAMPERED, place


@given(st.integers(0, len(TEXT.encode())), st.binary(max_size=3), st.integers(0, 3))
def test_whatever_is_put_in_or_left_out_is_refused_but_white_space(place: int, new: bytes, gone: int) -> None:
    data = TEXT.encode()
    changed = data[:place] + new + data[place + gone :]
    is_same = receipt._SPACE.sub(r"\1", changed.decode("utf-8", "replace")) == TEXT
    assert (verdict(changed) is Verdict.OK) is is_same


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "7",
        '"text"',
        "[" * 100_000,
        '{"signature": 5}',
        TEXT + TEXT,
        "\ufeff" + TEXT,
        TEXT[:-1] + ',"signature":"00"}',
        TEXT.replace('"chunks":3', '"chunks":3.0'),
        TEXT.replace('"chunks":3', '"chunks":-0'),
        TEXT.replace("王", "\\u738b"),
    ],
)
def test_what_is_no_receipt_is_refused_quietly(text: str) -> None:
    assert verdict(text) is Verdict.TAMPERED


def test_a_receipt_signed_anew_by_a_forger_is_foreign() -> None:
    assert verdict(signed({**BODY, "counts": {"chunks": 0}}, THEIRS)) is Verdict.FOREIGN


def test_a_signature_under_another_name_is_refused() -> None:
    body = json.loads(TEXT)
    del body["signature"]
    body["installation"] = signing.fingerprint(THEIRS.public)
    assert verdict(canonical({**body, "signature": OURS.sign(canonical(body).encode())})) is Verdict.TAMPERED


def test_numbers_with_a_point_have_no_one_spelling() -> None:
    with pytest.raises(ValueError, match="one spelling"):
        canonical({"share": 0.1})


def test_keys_are_sorted_and_characters_stay() -> None:
    assert canonical({"b": [1, True], "a": "年假"}) == '{"a":"年假","b":[1,true]}'


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    assert signing.load(tmp_path) is None
    made = signing.load_or_make(tmp_path)
    assert signing.load_or_make(tmp_path) == signing.load(tmp_path) == made
    assert stat.S_IMODE(signing.place(tmp_path).stat().st_mode) == 0o600
    assert os.listdir(signing.place(tmp_path).parent) == ["receipts.key"]


def test_of_two_that_make_a_key_at_once_the_first_wins(tmp_path: Path) -> None:
    first = signing._make(tmp_path)
    assert signing._make(tmp_path) == first


def test_a_damaged_key_is_named_and_never_replaced(tmp_path: Path) -> None:
    signing.load_or_make(tmp_path)
    signing.place(tmp_path).write_text("half a key")
    with pytest.raises(ConfigError, match=r"receipts\.key is damaged"):
        signing.load_or_make(tmp_path)
    assert signing.place(tmp_path).read_text() == "half a key"


def test_a_public_key_is_given_itself_or_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(OURS.public.upper() + "\n")
    assert signing.public_key(OURS.public) == signing.public_key(str(tmp_path / "key")) == OURS.public
    with pytest.raises(BadInput, match="no public key"):
        signing.public_key("abc")


def test_the_secret_of_the_hashes_is_not_the_key_itself() -> None:
    assert OURS.secret.key != OURS.seed
    assert OURS.secret != THEIRS.secret
