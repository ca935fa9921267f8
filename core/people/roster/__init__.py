"""Rosters: an .xlsx as offices really have it becomes typed rows, each cell judged in words.

`load` opens the file in a child process, `head` finds the table, `cells` reads single values,
`read` makes rows of them. Nothing here touches the database.
"""
