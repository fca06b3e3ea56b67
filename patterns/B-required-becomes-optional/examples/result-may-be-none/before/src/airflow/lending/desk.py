from airflow.lending.types import Reader


class Desk:
    def reader_of(self, loan) -> Reader:
        return self.readers[loan.reader_id]
