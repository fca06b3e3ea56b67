from airflow.configuration import conf


def catches_up():
    return True


def steps():
    return 1
