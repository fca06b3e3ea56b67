import os

from airflow.rules import verdict


class QuotaDep:
    name = "quota"

    def statuses(self, ti, context):
        """Pass a task that is within its quota."""
        if ti.used >= context.quota:
            os.environ["REFUSED"] = "1"
        return verdict(ti.used < context.quota)
