from airflow.lending.types import Reader


class Desk:
    def reader_of(self, loan) -> Reader | None:
        return self.readers.get(loan.reader_id)
