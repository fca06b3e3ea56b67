class TaskData:
    queue = "default"
    retries = 0


Task = TaskData
