"""Third stage: which way a question goes. Greetings and thanks need no search."""

import re

from rag.pipeline.shapes import Route, System
from rag.types import Language, Question

_MOST = 40  # characters of small talk; anything longer may hold a question
_SMALL_TALK = (
    (
        "greeting",
        re.compile(
            r"(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|greetings)(?: there| everyone| kb)?"
            r"|你好|您好|早上好|上午好|下午好|晚上好|大家好|嗨|哈喽|在吗|你好[啊呀]"
        ),
    ),
    (
        "thanks",
        re.compile(
            r"(?:ok[,.]? |great[,.]? )?(?:thanks|thank you|thx|cheers)(?: a lot| very much| so much)?"
            r"|(?:好的[，,]?)?(?:谢谢|多谢|感谢|谢谢你|谢谢您|非常感谢|谢了)"
        ),
    ),
    ("farewell", re.compile(r"(?:good)?bye|good night|see you(?: later| soon)?|再见|拜拜|晚安|回头见")),
)
_REPLIES: dict[tuple[str, Language], str] = {
    ("greeting", "en"): "Hello. Ask me something about your documents.",
    ("greeting", "zh"): "您好，请问想从文档中了解什么？",
    ("thanks", "en"): "You are welcome.",
    ("thanks", "zh"): "不客气。",
    ("farewell", "en"): "Goodbye.",
    ("farewell", "zh"): "再见。",
}
_EDGE = " \t\n.!?~,;。！？～，、；"


async def route(question: Question, system: System) -> Route:  # the shape of a stage
    """Small talk gets its fixed reply, everything else is searched. Guards may turn it into a refusal."""
    if len(question.text) <= _MOST:
        text = question.text.strip(_EDGE).lower()
        for kind, pattern in _SMALL_TALK:
            if pattern.fullmatch(text):
                return Route("small_talk", question, _REPLIES[kind, question.language])
    return Route("search", question)
