"""Running an optimizer: on a function, on data, with many settings."""
