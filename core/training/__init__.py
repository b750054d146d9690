"""The training loop, devices and the time estimate."""
