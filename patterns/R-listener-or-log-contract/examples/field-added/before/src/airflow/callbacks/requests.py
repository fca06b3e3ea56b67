from pydantic import BaseModel


class ShelfCallbackRequest(BaseModel):
    name: str
    message: str | None = None
