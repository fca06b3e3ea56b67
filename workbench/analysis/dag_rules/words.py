"""Words by which jobs, cursors, secrets and settings are told apart."""

from __future__ import annotations

import re

VARIABLE = re.compile(r"airflow\.(models(\.variable)?|sdk(\.definitions\.variable)?)\.Variable")
XCOM = re.compile(r"airflow\.(models(\.xcom)?|sdk(\.(bases|execution_time)\.xcom)?)\.(Base)?XCom")
TASK = re.compile(r"airflow\.(sdk|decorators|sdk\.definitions\.decorators)\.task(\.\w+)?")
SETUP = re.compile(
    r"airflow\.(sdk(\.definitions\.decorators)?|decorators)\.(setup|teardown)(_task)?"
)
ASSET = re.compile(r"airflow\.sdk(\.definitions\.asset(\.decorators)?)?\.asset(\.multi)?")
DAG = re.compile(
    r"airflow\.(sdk\.(DAG|dag|definitions\.dag\.(DAG|dag))|models(\.dag)?\.DAG|DAG|decorators\.dag)"
)
MIXIN = re.compile(r"airflow\.sdk\.(bases\.resumablejobmixin\.)?ResumableJobMixin")
BASE_OPERATOR = re.compile(
    r"airflow\.(sdk(\.bases\.operator)?|models(\.baseoperator)?)\.Base(Async)?Operator"
)
CURRENT_CONTEXT = re.compile(r"airflow\.(sdk|operators\.python|.*)\.get_current_context")
OPERATOR = re.compile(r"(?i)(operator|sensor)$")
SENSOR = re.compile(r"Sensor(Async)?$")

SUBMITS = re.compile(
    r"(async_)?(re)?submit\w*|(start|launch|trigger|create|enqueue|begin)_?\w*(job|run|execution)\w*"
    r"|run_job\w*|run_now|start_query\w*|execute_statement|launch"
)
JOB_KEY = re.compile(
    r"(?i)(.*[^a-z])?(job|run|batch|query|statement|execution|application|app|driver|step|operation"
    r"|task|flow|build|cluster|session|request|workflow|training|remote|external|spark|emr|glue)"
    r"[_\-./ ]?(run_?)?(id|handle|name|arn|ref|uuid)s?([^a-z].*)?"
)
CURSOR_KEY = re.compile(
    r"(?i)cursor|watermark|offset|checkpoint|progress|high[_-]?water|hwm|bookmark|marker"
    r"|(^|[_\-./ ])(last|since|until|seq|sequence|position|page|latest|processed|done|resume"
    r"|max|next|state|from|token)([_\-./ ]|$)"
)
SECRET_KEY = re.compile(
    r"(?i)password|passwd|secret|credential|private[_-]?key|api[_-]?key"
    r"|(access|auth|api|bearer|refresh|id)[_-]?token"
)
SETTING_KEY = re.compile(
    r"(?i)(^|[_\-./ ])(config|configuration|setting|settings|environment|endpoint|url|bucket|host"
    r"|port|threshold|batch_size|page_size|chunk_size|limit|feature_flag|region|schema_name)"
    r"([_\-./ ]|$)"
)
BULK_CALLS = frozenset(
    {"to_json", "to_csv", "to_dict", "to_parquet", "to_records", "to_pickle"}
    | {"fetchall", "fetchmany", "get_pandas_df", "get_df", "get_records"}
    | {"read_csv", "read_parquet", "read_sql", "read_json", "read_excel"}
    | {"read_bytes", "read_text", "readlines", "b64encode", "DataFrame"}
)
KEEPS_BULK = frozenset({"list", "tuple", "str", "dict", "sorted", "set", "decode", "encode"})
SECRET_ATTRIBUTES = frozenset({"password", "get_password", "get_uri", "private_key", "secret"})
ENVIRONMENT = frozenset({"os.environ", "os.environ.get", "os.getenv"})
FILES = frozenset({"open", "io.open"})
NAIVE_CLOCKS = re.compile(
    r"datetime(\.datetime)?\.(utcnow|today)|datetime\.date\.today|pendulum\.naive"
)
NOW = re.compile(r"datetime(\.datetime)?\.now")
FROM_SECONDS = re.compile(r"datetime(\.(datetime|date))?\.(utc)?fromtimestamp")
AWARE_CLOCKS = re.compile(r"pendulum\.now|airflow\.(utils|sdk)\.timezone\.utcnow")
RUN_WORDS = frozenset(
    {"run_id", "dag_run", "logical_date", "execution_date", "try_number"}
    | {"ds", "ds_nodash", "ts", "ts_nodash", "data_interval_start", "data_interval_end"}
)
