from typing import Literal


class Desk:
    def remind(self, how: Literal["mail", "post", "phone"]) -> None:
        self.reminders.append(how)
