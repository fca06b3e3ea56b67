from pydantic import BaseModel


class LoanRequest(BaseModel):
    book: str
    reader: str
