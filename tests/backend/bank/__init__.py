"""The reference backend: the host's backend contract as a FastAPI service with five sample customers."""
