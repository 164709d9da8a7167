"""What chapters experiment with: the toy set, the digits, effective learning rates."""
