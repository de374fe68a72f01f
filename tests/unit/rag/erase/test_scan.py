"""Finding many probes at once, at every byte, in files of any size."""

import os
import random
from pathlib import Path

import numpy as np
import pytest

from rag.erase import probes, scan, windows
from rag.erase.probes import Secret
from rag.erase.scan import Scanner
from rag.erase.windows import SIZE, Windows

SECRET = Secret(b"k" * 32)
TEXT = "The vault code of the quetzalbird archive is opal-7731-marmalade and nobody else knows it."
ROWS = probes.keyed(windows.of_text(TEXT, 0, 100), SECRET)


def noise(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def scanner() -> Scanner:
    return Scanner(ROWS, SECRET)


@pytest.mark.parametrize(
    "before", [0, 1, 23, 24, scan._BLOCK - 30, scan._BLOCK - 1, scan._BLOCK, 3 * scan._BLOCK]
)
def test_a_text_is_found_at_any_place(before: int) -> None:
    utf8 = set(np.flatnonzero(ROWS["form"] == windows.UTF8).tolist())
    data = noise(before) + TEXT.encode() + noise(77)
    assert scanner().find(data) == utf8


def test_nothing_is_found_in_noise_or_in_nothing() -> None:
    for data in (b"", b"x", TEXT.encode()[: SIZE - 1], noise(200_000)):
        assert scanner().find(data) == frozenset()


def test_a_single_changed_byte_is_another_stretch() -> None:
    piece = TEXT.encode()[:SIZE]
    row = probes.keyed(
        Windows(np.frombuffer(piece, np.uint8)[None], np.zeros(1, np.uint32), np.zeros(1, np.uint8)), SECRET
    )
    looking = Scanner(row, SECRET)
    assert looking.find(piece) == {0}
    for place in range(SIZE):
        changed = bytearray(piece)
        changed[place] ^= 1
        assert looking.find(bytes(changed)) == frozenset()


def test_a_text_across_two_readings_of_a_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "big"
    for shift in (5, SIZE, len(TEXT) - 5):
        path.write_bytes(noise(scan._READ - shift) + TEXT.encode() + noise(9))
        found = scanner().file(path)
        assert len(found.found) == int((ROWS["form"] == windows.UTF8).sum())
        assert found.size == path.stat().st_size


def test_the_hash_is_that_of_its_formula() -> None:
    piece = TEXT.encode()[:SIZE]
    one = Windows(np.frombuffer(piece, np.uint8)[None], np.zeros(1, np.uint32), np.zeros(1, np.uint8))
    step = pow(SECRET.multiplier, -1, 1 << 64)
    expected = sum(byte * pow(step, place, 1 << 64) for place, byte in enumerate(piece)) % (1 << 64)
    assert int(probes.keyed(one, SECRET)["rolling"][0]) == expected


def test_another_key_makes_other_numbers_and_finds_nothing() -> None:
    other = Secret(b"o" * 32)
    assert not set(ROWS["rolling"].tolist()) & set(
        probes.keyed(windows.of_text(TEXT, 0, 100), other)["rolling"].tolist()
    )
    assert Scanner(ROWS, other).find(TEXT.encode()) == frozenset()


def test_probes_are_packed_and_unpacked() -> None:
    packed = probes.pack(ROWS)
    assert len(packed) == 21 * len(ROWS)
    assert (probes.unpack(packed) == ROWS).all()
    assert not any(TEXT.encode()[start : start + 8] in packed for start in range(len(TEXT) - 8))


def test_repeats_of_one_stretch_are_found_once_and_soon() -> None:
    assert len(scanner().find(TEXT.encode() * 2000)) >= int((ROWS["form"] == windows.UTF8).sum())


def test_files_are_listed_once_and_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "in/deep").mkdir(parents=True)
    (tmp_path / "in/deep/a").write_text("a")
    (tmp_path / "outside").write_text("b")
    (tmp_path / "in/link").symlink_to(tmp_path / "outside")
    os.link(tmp_path / "in/deep/a", tmp_path / "in/again")
    found = list(scan.files([tmp_path / "in", tmp_path / "in/deep/a", tmp_path / "nowhere"]))
    assert [path.read_text() for path in found] == ["a"]


def test_a_file_that_is_gone_or_no_file_is_no_failure(tmp_path: Path) -> None:
    assert scanner().file(tmp_path / "gone").error == ""
    assert scanner().file(tmp_path).error  # a folder in its place is said
