from airflow.sdk.fetch import LIMIT, Fetcher, fetch
