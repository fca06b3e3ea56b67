from airflow.managers import Manager


class Strict(Manager):
    def may_read(self, user):
        return True

    def may_write(self, user):
        return False
