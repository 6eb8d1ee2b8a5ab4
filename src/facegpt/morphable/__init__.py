"""Head models: a head as a function of parameters."""
