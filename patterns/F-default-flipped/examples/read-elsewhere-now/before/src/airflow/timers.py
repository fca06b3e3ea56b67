from airflow.configuration import conf


def catches_up():
    return conf.getboolean("scheduler", "catchup")
