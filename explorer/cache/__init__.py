"""What is kept between runs: by the content of what it was computed from, in a folder that only this user can write.

It knows neither models nor searches.
"""
