from pydantic import BaseModel


class LoanAnswer(BaseModel):
    book: str
    due: str
    reader: str


class LoanPostBody(BaseModel):
    book: str
    note: str | None = None
