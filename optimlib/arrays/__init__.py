"""What w looks like: nests of arrays, sparse rows, their checks and their layout."""
