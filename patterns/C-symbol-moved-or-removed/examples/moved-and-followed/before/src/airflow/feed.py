from airflow.utils.fetch import fetch


def feed(url):
    return fetch(url)[:1]
