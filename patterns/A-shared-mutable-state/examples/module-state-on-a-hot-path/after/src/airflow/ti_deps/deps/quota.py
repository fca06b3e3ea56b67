from airflow.rules import verdict

REFUSED = {}


class QuotaDep:
    name = "quota"

    def statuses(self, ti, context):
        """Pass a task that is within its quota."""
        if ti.used >= context.quota:
            REFUSED[ti.pool] = ti.key
        return verdict(ti.used < context.quota and ti.pool not in REFUSED)
