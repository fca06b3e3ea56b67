from pydantic import BaseModel


class LoanResponse(BaseModel):
    due: str
