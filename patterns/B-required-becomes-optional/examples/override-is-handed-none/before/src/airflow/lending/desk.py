from airflow.lending.types import Loan, Reader


class Desk:
    def remind(self, loan: Loan, reader: Reader) -> None:
        reader.write(loan.title)
