"""How nbgrader treats the assignments of this course; copied to the folder of `make assignment`."""

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "rnncourse"
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}  # as in the lectures
c.OverwriteCells.add_missing_cells = True  # a test that a student deleted judges all the same
c.Execute.timeout = 60  # seconds for a cell; then it is interrupted, and the next one begins
