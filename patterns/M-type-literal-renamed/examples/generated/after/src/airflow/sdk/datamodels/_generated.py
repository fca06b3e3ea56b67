from typing import Literal

from pydantic import BaseModel


class LetterRequest(BaseModel):
    address: str
    type: Literal["letter"] = "letter"
