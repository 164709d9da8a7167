"""What works on the finished HTML."""
