from airflow.api.datamodels.loans import LoanCollection, LoanResponse
from airflow.api.router import router


@router.get("/loans/{loan_id}")
def get_loan(loan_id: str) -> LoanResponse:
    return LoanResponse.of(loan_id)


@router.get("/loans")
def get_loans() -> LoanCollection:
    return LoanCollection.all()
