"""Where states and levels are kept: hash tables, memory, disk; and what is kept between runs."""
