try:
    from airflow.fast.dates import parse
except ImportError:

    def parse(text):
        """Read a date slowly."""
        return text.split("-")
