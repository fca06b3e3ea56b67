GREETING = "Good evening"
