from cadwyn import VersionChange, schema

from airflow.execution_api.datamodels.loans import LoanResponse


class DropReader(VersionChange):
    """Loans no longer name their reader."""

    instructions_to_migrate_to_previous_version = (schema(LoanResponse).field("reader").existed_as(type=str),)
