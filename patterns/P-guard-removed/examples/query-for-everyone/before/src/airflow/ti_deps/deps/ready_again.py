from airflow.models.retry import Retry


class ReadyAgainDep:
    def _statuses(self, ti, session):
        """Hold back a task until its next look is due."""
        if not ti.looks_again:
            yield self.passed("It looks only once.")
            return

        due = session.scalar(Retry.latest(ti))
        if due is None:
            yield self.passed("It was never put off.")
            return
        yield self.verdict(due)
