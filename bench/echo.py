"""The yardstick: a FastAPI route that reads a body and sends it back."""

import sys

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel


class Echo(BaseModel):
    """What comes goes."""

    question: str


app = FastAPI()


@app.post("/echo")
async def echo(body: Echo) -> Echo:
    """The body again."""
    return body


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="error")
