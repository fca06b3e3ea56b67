from typing import Literal

from pydantic import BaseModel


class PostRequest(BaseModel):
    address: str
    type: Literal["PostRequest"] = "PostRequest"


LetterRequest = PostRequest
