class Task:
    queue = "default"
    retries = 0
