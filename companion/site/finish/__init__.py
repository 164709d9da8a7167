"""What works on the finished HTML, and on the folder of all pages."""
