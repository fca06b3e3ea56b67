from airflow.managers import Manager


class Simple(Manager):
    def may_read(self, user):
        return True

    def may_write(self, user):
        return False
