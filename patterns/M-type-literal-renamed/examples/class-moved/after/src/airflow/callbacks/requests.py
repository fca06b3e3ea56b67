from airflow.callbacks.letters import LetterRequest

__all__ = ["LetterRequest"]
