"""Signatures against those that Amazon publishes."""

from datetime import UTC, datetime

import pytest

from ingest.sources._sigv4 import Key, encoded, query

S3 = Key("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
SUITE = Key("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1", "service")


def signature(key, url, headers, now):
    return key.sign("GET", url, headers, now)["authorization"].rpartition("Signature=")[2]


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        # "Authenticating Requests (AWS Signature Version 4)", examples of the S3 API reference
        (
            "/test.txt",
            {"Range": "bytes=0-9"},
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        ("/?lifecycle=", {}, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        ("/?max-keys=2&prefix=J", {}, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ],
)
def test_requests_to_s3_are_signed_as_published(path, headers, expected):
    now = datetime(2013, 5, 24, tzinfo=UTC)
    assert signature(S3, f"https://examplebucket.s3.amazonaws.com{path}", headers, now) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        # get-vanilla and get-vanilla-query-order-key-case of the test suite
        ("/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("/?Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
    ],
)
def test_requests_to_other_services_are_signed_as_published(path, expected):
    now = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
    assert signature(SUITE, f"https://example.amazonaws.com{path}", {}, now) == expected


def test_names_are_encoded_as_the_signature_wants_it():
    assert encoded("a b/年+~*", safe="/") == "a%20b/%E5%B9%B4%2B~%2A"
    assert query({"prefix": "a/b c", "list-type": "2"}) == "list-type=2&prefix=a%2Fb%20c"
