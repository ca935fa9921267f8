"""Whether the server's own clock can be believed: what speaks against it, and who has looked after it.

Meals, deadlines and the log all go by this clock. It is never corrected from here: a human is told, and
says when it is right again.
"""
