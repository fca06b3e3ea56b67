from airflow.api.datamodels.loans import LoanCollection, LoanResponse
from airflow.api.router import router


@router.get("/loans")
def get_loans() -> LoanCollection:
    return LoanCollection.all()
