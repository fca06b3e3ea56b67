from pydantic import BaseModel


class LoanBase(BaseModel):
    book: str
    due: str
    reader: str


class LoanResponse(LoanBase):
    pass


class LoanPostBody(BaseModel):
    book: str
    note: str | None = None
