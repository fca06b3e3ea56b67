from airflow.api.datamodels.loans import LoanCollection, LoanAnswer
from airflow.api.router import router


@router.get("/loans/{loan_id}")
def get_loan(loan_id: str) -> LoanAnswer:
    return LoanAnswer.of(loan_id)


@router.get("/loans")
def get_loans() -> LoanCollection:
    return LoanCollection.all()
