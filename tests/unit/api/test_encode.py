import json

from api import encode, schemas
from rag.errors import BadInput, NotFound, Throttled
from rag.types import Answer, Box, Citation, Document, Hit, Span, Usage, Version

CITATION = Citation(
    n=1,
    claim=Span(0, 12),
    document="d1",
    version="v1",
    source="人事/手册.md",
    title="手册",
    page=3,
    heading="年假",
    start=10,
    end=16,
    quote="每年十五天。",
    status="verified",
    support=0.9,
    score=1.5,
    masked=(Span(2, 4),),
    boxes=(Box(0, 9, 2, 72.0, 90.5, 300.0, 102.0),),
)
HIT = Hit("d1", "v1", "a.md", "A", None, "Leave", 0, 4, "Text", 0.5, collection="hr", chunk=7)
ANSWER = Answer(
    "每年十五天。[1]",
    (CITATION,),
    "answered",
    degraded="the model was too slow",
    evidence=0.8,
    usage=Usage(10, 5, True),
    cost=None,
    trace_id="t1",
    model="scripted:slow",
    nearest=(HIT,),
)


def test_an_answer_is_what_openapi_says() -> None:
    made = json.loads(encode.to_json(encode.answer(ANSWER)))
    assert schemas.Answer.model_validate_json(json.dumps(made)).citations[0].quote == "每年十五天。"
    assert made["citations"][0]["claim"] == {"start": 0, "end": 12}
    assert made["citations"][0]["masked"] == [{"start": 2, "end": 4}]
    assert made["citations"][0]["boxes"] == [{"page": 2, "x0": 72.0, "y0": 90.5, "x1": 300.0, "y1": 102.0}]
    assert made["cost"] is None


def test_hits_and_documents_are_what_openapi_says() -> None:
    document = Document("d1", "v1", "a.md", "A", "hr", 1, 4, "ok", groups=("staff",), updated=1.5)
    schemas.Hits.model_validate_json(encode.to_json(encode.hits([HIT])))
    schemas.Documents.model_validate_json(encode.to_json(encode.documents([document])))


def test_a_version_carries_its_text_and_place() -> None:
    made = encode.version(Version("v1", "d1", 2, "current", "文本", "A", "a.md", "hr", "zh", (0,)))
    assert (made["document"], made["version"], made["text"], made["characters"]) == ("d1", "v1", "文本", 2)


def test_chinese_stays_readable_and_a_lone_surrogate_does_not_break_the_object() -> None:
    assert encode.to_json({"a": "年假"}) == '{"a":"年假"}'.encode()
    assert json.loads(encode.to_json({"a": "x\udcff"})) == {"a": "x?"}


def test_a_problem_has_the_fields_of_rfc_9457_and_a_hint() -> None:
    made = encode.problem(BadInput("the question is empty", hint="type one"))
    assert made == {
        "type": "urn:kb:error:bad-input",
        "title": "Bad input",
        "status": 400,
        "detail": "the question is empty",
        "code": "bad-input",
        "hint": "type one",
    }


def test_a_problem_takes_status_and_code_of_its_class() -> None:
    assert encode.problem(NotFound("x"))["status"] == 404
    assert encode.problem(Throttled("x"))["code"] == "throttled"
