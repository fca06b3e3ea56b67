import os

from airflow.rules import verdict


class QuotaDep:
    name = "quota"

    def statuses(self, ti, context):
        """Pass a task that is within its quota."""
        return verdict(ti.used < context.quota)
