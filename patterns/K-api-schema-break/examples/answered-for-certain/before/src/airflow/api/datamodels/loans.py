from pydantic import BaseModel


class LoanResponse(BaseModel):
    book: str
    due: str | None
    reader: str = ""


class LoanPostBody(BaseModel):
    book: str
    note: str | None = None
