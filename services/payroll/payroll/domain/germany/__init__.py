"""German wages: social insurance with mini-job and midi-job, wage tax by the official flow chart."""
