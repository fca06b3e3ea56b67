from airflow.configuration import conf


def catches_up():
    return conf.getboolean("scheduler", "catchup", fallback=True)


def steps():
    return 1
